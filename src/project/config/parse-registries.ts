import { canonicalRegistry, isRegistryHost } from '../../oci/registry-host.js';
import { type ConfigNode, listAt, mappingAt, recordAt, report } from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import type { RegistrySettings } from '../project.js';
import { parsePath } from './parse-path.js';
import { parseRegistryPath } from './parse-reference-field.js';
import { parseBoolean } from './parse-scalar.js';

const keys = ['plainHttp', 'caFile', 'mirrors', 'insecureSkipTlsVerify', 'http2'] as const;

/** More would only wait for one dead mirror after another. */
const mostMirrors = 10;

/** How registries are reached, by host in its one spelling; default: nothing special. */
export function parseRegistries(node: ConfigNode): ReadonlyMap<string, RegistrySettings> {
  const registries = new Map<string, RegistrySettings>();
  for (const [name, child] of mappingAt(node) ?? []) {
    if (!(/[.:]/.test(name) || name === 'localhost') || !isRegistryHost(name)) {
      const wanted = 'wanted the host of a registry, e.g. quay.io or localhost:5000';
      const host = name.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, '');
      const isClear = host !== name && !host.includes('@') && isRegistryHost(host);
      report(child, `found ${showText(name)}, ${wanted}`, {
        at: 'key',
        hint: isClear ? `Write ${showText(host)}` : undefined,
      });
      continue;
    }
    const host = canonicalRegistry(name);
    if (registries.has(host))
      report(child, `found ${showText(name)}, a second name of ${host}`, { at: 'key' });
    registries.set(host, settingsAt(child, host));
  }
  return registries;
}

function settingsAt(node: ConfigNode, host: string): RegistrySettings {
  const { plainHttp, caFile, mirrors, insecureSkipTlsVerify, http2 } = recordAt(node, keys);
  return {
    plainHttp: parseBoolean(plainHttp) ?? false,
    caFile: parsePath(caFile, 'a file of certificates'),
    mirrors: mirrorsAt(mirrors, host),
    insecureSkipTlsVerify: parseBoolean(insecureSkipTlsVerify) ?? false,
    http2: parseBoolean(http2) ?? true,
  };
}

function mirrorsAt(node: ConfigNode, host: string): readonly string[] {
  const found: string[] = [];
  const items = listAt(node) ?? [];
  if (items.length > mostMirrors) report(node, `found ${items.length}, wanted at most ${mostMirrors}`);
  for (const item of items) {
    const mirror = parseRegistryPath(item, 'a registry with an optional path, e.g. mirror.example:5000/quay');
    if (mirror === undefined) continue;
    if (found.includes(mirror)) report(item, `found ${showText(mirror)} twice, wanted each mirror once`);
    else if (canonicalRegistry(mirror) === host)
      report(item, 'found the registry itself, wanted another one');
    else found.push(mirror);
  }
  return found;
}
