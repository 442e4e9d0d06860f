// node scripts/npm-registry.mjs READY [TARBALL]: a registry of npm on loopback, for trying releases. It keeps what
// `npm publish` sends, or TARBALL, in memory, and redirects requests for other packages to the registry of this machine.
// Its address is written to READY.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [ready, tarball] = process.argv.slice(2);
const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
/** Manifests and archives of the versions of each package. */
const packages = new Map();

if (tarball !== undefined) {
  const manifest = JSON.parse(
    execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }),
  );
  keep(manifest, readFileSync(tarball));
}
const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://registry').pathname).slice(1);
  const [name, version] = path.split('/-/');
  if (request.method === 'PUT') {
    const { versions, _attachments } = JSON.parse(await textOf(request));
    const [manifest] = Object.values(versions);
    const isTaken = packages.get(manifest.name)?.has(manifest.version);
    const archive = Object.entries(_attachments).find(([file]) => file.endsWith('.tgz'))?.[1];
    if (!isTaken) keep(manifest, Buffer.from(archive.data, 'base64'));
    response.writeHead(isTaken ? 409 : 201, { 'content-type': 'application/json' }).end('{}');
  } else if (!packages.has(name)) {
    response.writeHead(302, { location: new URL(request.url.slice(1), upstream).href }).end();
  } else if (version === undefined) {
    const kept = packages.get(name);
    const versions = Object.fromEntries([...kept].map(([key, { manifest }]) => [key, manifest]));
    const body = { name, versions, 'dist-tags': { latest: [...kept.keys()].at(-1) } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  } else {
    response.writeHead(200).end(packages.get(name).get(version.replace(/\.tgz$/, '')).bytes);
  }
});
server.listen(0, '127.0.0.1', () => writeFileSync(ready, `http://127.0.0.1:${server.address().port}/`));

function keep(manifest, bytes) {
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const dist = {
    integrity,
    get tarball() {
      return `http://127.0.0.1:${server.address().port}/${manifest.name}/-/${manifest.version}.tgz`;
    },
  };
  const versions = packages.get(manifest.name) ?? new Map();
  versions.set(manifest.version, { manifest: { ...manifest, dist }, bytes });
  packages.set(manifest.name, versions);
}

async function textOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
