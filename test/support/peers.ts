import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const builtPeers = [
  'crane',
  'cosign',
  'oras',
  'distribution',
  'tkn',
  'oracle',
  'judge',
  'resolver',
  'suite',
  'sbom-judge',
  'node-amd64',
  'node-arm64',
  'trusted',
  'trusted-1.9',
] as const;
const packagedPeers = {
  'docker-registry': 'docker-registry',
  skopeo: 'skopeo',
  containerd: 'containerd',
  ctr: 'containerd',
  htpasswd: 'apache2-utils',
  curl: 'curl',
  git: 'git',
  nginx: 'nginx-light',
  initdb: 'postgresql-15',
  postgres: 'postgresql-15',
  chromium: 'chromium',
  podman: 'podman',
  buildah: 'buildah',
  busybox: 'busybox-static',
  python3: 'python3',
  bash: 'bash',
  zsh: 'zsh',
  fish: 'fish',
  mandoc: 'mandoc',
  go: 'golang',
};

export type PeerName = (typeof builtPeers)[number] | keyof typeof packagedPeers;
export function isPeerName(name: string): name is PeerName {
  return name in packagedPeers || (builtPeers as readonly string[]).includes(name);
}

/** Where each program is. */
export type Peers = { readonly [Name in PeerName]: string };

/**
 * The programs of other projects that a test talks to, or undefined after a loud notice where one is missing; with
 * CI=true a missing one is an error. Use: `test.skipIf(peers === undefined)`.
 */
export function findPeers(...names: readonly PeerName[]): Peers | undefined {
  const found: Partial<Record<PeerName, string>> = {};
  const missing: string[] = [];
  for (const name of names) {
    const path = name in packagedPeers ? onPath(name) : executable(join(builtDirectory(), name));
    if (path === undefined) missing.push(`${name} (${howToGet(name)})`);
    else found[name] = path;
  }
  if (missing.length === 0) return found as Peers;
  const notice = `these peers are missing: ${missing.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(notice);
  console.warn(`SKIPPED: ${notice}`);
  return undefined;
}

function howToGet(name: PeerName): string {
  if (name in packagedPeers) return `apt-get install ${packagedPeers[name as keyof typeof packagedPeers]}`;
  return `node scripts/install-peers.mjs ${name}`;
}

/** Where Debian keeps what it does not put on PATH. */
const debianPostgres = '/usr/lib/postgresql/15/bin';

let directory: string | undefined;

function builtDirectory(): string {
  const script = fileURLToPath(new URL('../../scripts/install-peers.mjs', import.meta.url));
  directory ??= execFileSync(process.execPath, [script, '--where'], { encoding: 'utf8' }).trim();
  return directory || '/nonexistent';
}

function onPath(name: string): string | undefined {
  const directories = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/bin',
    debianPostgres,
  ];
  return directories.map((directory) => executable(join(directory, name))).find((path) => path !== undefined);
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
