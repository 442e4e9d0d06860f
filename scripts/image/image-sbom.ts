import { createHash } from 'node:crypto';
import type { InstalledPackage, InstalledPackages } from './installed-packages.js';

/**
 * What the layer holds, as a CycloneDX 1.6 document: the program and the packages it needs, each by the hash that npm
 * checked. The same packages give the same bytes. What the base image holds is described by the base image.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function imageSbom({ root, packages, within }: InstalledPackages): Uint8Array {
  const all = [...packages, ...within];
  const refs = new Map(all.map((one) => [one.path, one.path]));
  const document = (serialNumber: string) => ({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber, version: 1 },
    metadata: {
      tools: { components: [{ type: 'application', name: root.name, version: root.version }] },
      component: component(root, 'application'),
    },
    components: all.map((one) => component(one, 'library')),
    dependencies: [
      { ref: root.path, dependsOn: [...new Set([...root.needs, ...within.map(({ path }) => path)])] },
      ...all.map(({ path, needs }) => ({ ref: path, dependsOn: needs.filter((need) => refs.has(need)) })),
    ],
  });
  const hash = createHash('sha256')
    .update(JSON.stringify(document('')))
    .digest();
  // Version 8 of RFC 9562: bits of one's own choice.
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const uuid = hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return new TextEncoder().encode(`${JSON.stringify(document(`urn:uuid:${uuid}`), null, 2)}\n`);
}

function component({ path, name, version, integrity, license }: InstalledPackage, type: string): object {
  const [scope, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const purl = `pkg:npm/${scope === undefined ? '' : `${encodeURIComponent(scope)}/`}${short}@${encodeURIComponent(version)}`;
  const [algorithm, value = ''] = integrity?.split('-') ?? [];
  return {
    ...{ type, 'bom-ref': path, name, version },
    ...(algorithm === 'sha512'
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(value, 'base64').toString('hex') }] }
      : {}),
    ...(license === undefined ? {} : { licenses: [licenseOf(license)] }),
    purl,
  };
}

/** `MIT` is an identifier of SPDX, `(MIT OR Apache-2.0)` an expression. */
function licenseOf(license: string): object {
  return /^[A-Za-z0-9.+-]+$/.test(license) ? { license: { id: license } } : { expression: license };
}
