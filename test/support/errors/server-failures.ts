import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/async/system-clock.js';
import type { ErrorCode } from '../../../src/errors.js';
import { createNodeTransport } from '../../../src/http/connect/node-transport.js';
import { digestOf } from '../../../src/oci/digest.js';
import { createGitHub } from '../../../src/release/github/github.js';
import { ensureGitHubRelease } from '../../../src/release/github-release.js';
import { serveDataStorage } from '../catalog/served-data-storage.js';
import type { GitHubFault } from '../github/github-faults.js';
import { type LoopbackGitHub, startLoopbackGitHub } from '../github/loopback-github.js';
import { type RawRegistry, raw, rawError, startRawRegistry } from '../registry/raw-registry.js';
import { samplePipeline } from '../samples/sample-project.js';
import { testKey } from '../signing/signing-keys.js';
import { startSigstoreAuthority } from '../signing/sigstore-authority.js';
import { config, declared, workflow } from './project-failures.js';
import type { Fail, Stage } from './stage.js';

type Answers = Parameters<Stage['registry']>[0];

/** A registry whose tag v1.0.0 holds another Pipeline than the project has; requests meet the answers only after that. */
async function otherContent(stage: Stage, answers: Answers = {}): Promise<RawRegistry> {
  let ready = false;
  const late = new Proxy(answers, {
    get: (given, step: keyof Answers) => (ready ? given[step] : undefined),
  });
  const registry = await stage.registry(late);
  stage.write({ 'bundles.yaml': declared('', registry.host), 'other.yaml': samplePipeline('other') });
  const pushed = await stage.run(['push', `${registry.host}/acme/hello:v1.0.0`, '-f', '@/other.yaml']);
  if (pushed.code !== 0) throw new Error(pushed.stdout);
  ready = true;
  return registry;
}

const denied = rawError(403, 'DENIED', 'requested access to the resource is denied');

const keyPair = async () => {
  const { privatePem, publicPem } = await testKey();
  return { 'cosign.key': privatePem, 'cosign.pub': publicPem };
};

const pushHello = (host: string, name = 'hello:v1.0.0') => [
  'push',
  `${host}/acme/${name}`,
  '-f',
  '@/pipelines/hello.yaml',
];

/** Registers with a catalog that answers so. */
async function register(stage: Stage, fault?: Response): Promise<unknown> {
  const { host } = await stage.registry({});
  const catalog = stage.keep(await serveDataStorage(fault && { fault: () => fault }));
  stage.show(catalog.url, 'https://catalog.example');
  stage.write({ 'bundles.yaml': declared(workflow(), host) });
  const words = ['ensure', ...config, '--catalog', catalog.url];
  if (fault) return stage.run(words);
  await stage.run(words);
  catalog.workflows[0] = { ...catalog.workflows[0]!, content_hash: '0'.repeat(64) };
  return stage.run(words);
}

/** Runs `release` with a GitHub; where there is something to prepare, a second time after it. */
async function release(
  stage: Stage,
  other: Readonly<Record<string, string>> = {},
  prepare?: (github: LoopbackGitHub) => void,
): Promise<unknown> {
  const github = stage.keep(await startLoopbackGitHub());
  github.refs.set('tags/v1.0.0', github.refs.get('heads/main')!);
  stage.write({ 'bundles.yaml': declared() });
  await stage.run(['ensure', '--offline', ...config]);
  const { url, repository, token } = github;
  const given = { GITHUB_API_URL: url, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token };
  const run = () => stage.run(['release', 'v1.0.0', ...config], { environment: { ...given, ...other } });
  if (prepare) {
    await run();
    prepare(github);
  }
  return run();
}

const otherRelease =
  (immutable: boolean): Fail =>
  (stage) =>
    release(stage, {}, ({ releases: [published] }) => {
      published!.assets.find(({ name }) => name === 'bundles.lock')!.bytes = Buffer.from('other');
      published!.immutable = immutable;
    });

/** The library's release, since the command takes GitHub's own pauses between attempts. */
async function ensureRelease(stage: Stage, fault: GitHubFault): Promise<unknown> {
  const { url, token, repository } = stage.keep(await startLoopbackGitHub({ faults: () => fault }));
  const send = createNodeTransport();
  const github = await createGitHub({ send, clock: systemClock, url, token, repository, secondMs: 1 });
  const kind = { prerelease: false, draft: false, replace: false, dryRun: false };
  const request = { tag: 'v1.0.0', title: 'v1.0.0', notes: '', files: [], ...kind };
  return ensureGitHubRelease(github, request).finally(() => send.close());
}

/** Failures that a registry, a catalog or GitHub answers with. */
export const serverFailures: Partial<Record<ErrorCode, Fail>> = {
  CREDENTIALS_INVALID: async (stage) => {
    const { host } = await stage.registry({}, { guarded: true, singlePost: true });
    stage.write({ '~/.docker/config.json': JSON.stringify({ auths: { [host]: { auth: '%' } } }) });
    return stage.run(['digest', `${host}/acme/hello:v1.0.0`]);
  },
  TAG_DIFFERS: async (stage) => {
    await otherContent(stage);
    return stage.run(['ensure', ...config]);
  },
  TOO_LARGE: async (stage) => {
    const { host } = await stage.registry({});
    const names = ['a', 'b', 'c', 'd'];
    const source = (name: string) => samplePipeline('x'.repeat(600_000)).replace('workflow', name);
    stage.write(Object.fromEntries(names.map((name) => [`large/${name}.yaml`, source(name)])));
    await stage.run(['push', `${host}/acme/hello:v1.0.0`, '-f', '@/large']);
    return stage.run(['list', `${host}/acme/hello:v1.0.0`]);
  },
  DIGEST_MISMATCH: async (stage) => {
    stage.write({ 'bundles.yaml': declared() });
    await stage.run(['ensure', '--offline', ...config]);
    const layout = join(stage.path, '.bundles/registry/acme/hello');
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
    const blob = join(layout, 'blobs/sha256', manifests[0].digest.slice('sha256:'.length));
    writeFileSync(blob, readFileSync(blob).fill(' '.charCodeAt(0), 0, 1));
    return stage.run(['inspect', 'oci:@/.bundles/registry/acme/hello:v1.0.0']);
  },
  TAG_IMMUTABLE: async (stage) => {
    const { host } = await otherContent(stage, {
      'PUT manifest': rawError(409, 'TAG_IMMUTABLE', 'the tag is immutable'),
    });
    return stage.run(pushHello(host));
  },
  RACE_LOST: async (stage) => {
    const { host } = await otherContent(stage, { 'PUT manifest': raw(201, { location: '/' }) });
    return stage.run(pushHello(host));
  },
  ANCHOR_FAILED: async (stage) => {
    const { host } = await otherContent(stage, { 'PUT manifest': denied });
    return stage.run([...pushHello(host), '--keep-old']);
  },
  DIGEST_NOT_OURS: async (stage) => {
    const { host } = await stage.registry({});
    return stage.run(pushHello(host, `hello@sha256:${'2fda'.repeat(16)}`));
  },
  RELEASE_DIFFERS: otherRelease(false),
  RELEASE_IMMUTABLE: otherRelease(true),
  REGISTRY_DENIED: async (stage) => {
    const { host } = await stage.registry({ 'HEAD manifest': denied, 'GET manifest': denied });
    return stage.run(['digest', `${host}/acme/hello:v1.0.0`]);
  },
  PUSH_NOT_ALLOWED: async (stage) => {
    const { host } = await stage.registry({});
    stage.write({ 'bundles.yaml': declared('', host) });
    return stage.run(['ensure', '--no-push', '--no-fallback', ...config]);
  },
  REGISTRY_UNREACHABLE: (stage) => stage.run(['digest', '127.0.0.1:1/acme/hello:v1.0.0']),
  RATE_LIMITED: async (stage) => {
    const limited = rawError(429, 'TOOMANYREQUESTS', 'slow down', { 'retry-after': '60' });
    const { host } = await stage.registry({ 'HEAD manifest': limited, 'GET manifest': limited });
    return stage.run(['digest', `${host}/acme/hello:v1.0.0`]);
  },
  REQUEST_LIMIT: async (stage) => {
    const { host } = await stage.registry({});
    stage.write({ 'bundles.yaml': declared('', host) });
    return stage.run(['ensure', '--max-requests', '2', ...config]);
  },
  IMAGE_NOT_FOUND: async (stage) => {
    const { host } = await stage.registry({});
    const source = samplePipeline('x').replace('docker.io/library/busybox:1.36', `${host}/acme/tool:v9`);
    stage.write({ 'bundles.yaml': declared(), 'pipelines/hello.yaml': source });
    return stage.run(['pin', ...config]);
  },
  BUNDLE_INVALID: async (stage) => {
    const { host, model } = await otherContent(stage);
    for (const { type, bytes } of [...model.manifests.values()]) {
      const manifest = JSON.parse(Buffer.from(bytes).toString());
      for (const layer of manifest.layers) delete layer.annotations;
      const plain = Buffer.from(JSON.stringify(manifest));
      model.manifests.set(digestOf(plain), { type, bytes: plain });
      model.tags.set('acme/hello:v1.0.0', digestOf(plain));
    }
    return stage.run(['list', `${host}/acme/hello:v1.0.0`]);
  },
  SIGNATURE_MISSING: async (stage) => {
    const { host } = await otherContent(stage);
    stage.write(await keyPair());
    return stage.run(['verify', `${host}/acme/hello:v1.0.0`, '--key', '@/cosign.pub']);
  },
  ATTESTATION_MISSING: async (stage) => {
    const { host } = await otherContent(stage);
    stage.write(await keyPair());
    const type = ['--type', 'slsaprovenance1'];
    return stage.run(['verify', `${host}/acme/hello:v1.0.0`, '--key', '@/cosign.pub', ...type]);
  },
  SIGNATURE_HIDDEN: async (stage) => {
    const { host } = await otherContent(stage);
    const sign = ['sign', `${host}/acme/hello:v1.0.0`, '--key', '@/cosign.key', '--signature-storage'];
    stage.write(await keyPair());
    await stage.run([...sign, 'tag']);
    stage.write(await keyPair());
    return stage.run([...sign, 'referrer']);
  },
  SIGNATURE_FAILED: async (stage) => {
    const { host } = await stage.registry({ other: denied });
    stage.write({ ...(await keyPair()), 'bundles.yaml': declared('', host) });
    return stage.run(['ensure', '--sign', '--key', '@/cosign.key', ...config]);
  },
  SIGSTORE_FAILED: async (stage) => {
    const { host } = await otherContent(stage);
    const authority = stage.keep(await startSigstoreAuthority());
    const fulcio = stage.keep(await startRawRegistry({ other: raw(401) }));
    stage.show(fulcio.url, 'https://fulcio.sigstore.dev');
    stage.write({ 'root.json': authority.trustedRoot({ log: 1 }) });
    const services = ['--fulcio-url', fulcio.url, '--rekor-url', authority.url, '--tsa-url', authority.url];
    const keyless = ['--keyless', ...services, '--trusted-root', '@/root.json'];
    const environment = { SIGSTORE_ID_TOKEN: authority.token('https://github.com/acme') };
    return stage.run(['sign', `${host}/acme/hello:v1.0.0`, ...keyless], { environment });
  },
  GITHUB_UNREACHABLE: (stage) => ensureRelease(stage, 'bad-gateway'),
  GITHUB_DENIED: (stage) => release(stage, { GITHUB_TOKEN: 'wrong' }),
  GITHUB_REFUSED: (stage) => ensureRelease(stage, 'conflict'),
  CATALOG_UNREACHABLE: async (stage) => {
    const { host } = await stage.registry({});
    stage.write({ 'bundles.yaml': declared(workflow(), host) });
    return stage.run(['ensure', ...config, '--catalog', 'http://127.0.0.1:1']);
  },
  CATALOG_REFUSED: (stage) => register(stage, Response.json({}, { status: 401 })),
  CATALOG_CONFLICT: (stage) => register(stage),
  DATABASE_UNAVAILABLE: (stage) => {
    const database = ['--database', 'postgres://me@127.0.0.1:1/catalog'];
    return stage.run(['catalog', 'serve', '--port', '0', ...database]);
  },
};
