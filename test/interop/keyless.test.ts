import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedRegistry, startRegistry } from '../../src/testing/start-registry.js';
import { findPeers } from '../support/peers.js';
import { run } from '../support/program/run-cli.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { type SigstoreAuthority, startSigstoreAuthority } from '../support/signing/sigstore-authority.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('docker-registry', 'cosign');
const interop = test.skipIf(peers === undefined);
const workflow = 'https://github.com/acme/tasks/.github/workflows/release.yaml@refs/heads/main';
const issuer = 'https://token.actions.githubusercontent.com';
let home: TempDir;
let authority: SigstoreAuthority;
/** Without a referrers API, and with one. */
let plain: DockerRegistry;
let own: StartedRegistry;

beforeAll(async () => {
  if (peers === undefined) return;
  home = tempDir();
  authority = await startSigstoreAuthority();
  plain = await startDockerRegistry({ program: peers['docker-registry'] });
  own = await startRegistry();
});

afterAll(async () => {
  await plain?.close();
  await own?.stop();
  await authority?.[Symbol.asyncDispose]();
  await home?.[Symbol.asyncDispose]();
});

const file = (name: string) => join(home.path, name);

const cosign = (...words: string[]) =>
  run(peers?.cosign ?? '', words, { cwd: home.path, env: { HOME: home.path } });

/** Pushes a bundle of its own and gives it by its digest. */
async function publish(host: string, name: string): Promise<string> {
  await using project = sampleProject({ repository: `${host}/acme`, bundles: [name] });
  const { bundle } = await runJson(['ensure', '--config', project.config, '--push']);
  return `${host}/acme/${name}@${bundle.digest}`;
}

const kinds = ['v1', 'v2', 'stamped'] as const;

function rootOf(kind: (typeof kinds)[number]): string {
  const log = { v1: 1, v2: 2, stamped: 'none' } as const;
  writeFileSync(file(`${kind}.json`), authority.trustedRoot({ log: log[kind], timestamps: kind !== 'v1' }));
  return file(`${kind}.json`);
}

function servicesOf(kind: (typeof kinds)[number]): string[] {
  const { url } = authority;
  const rekor = ['--rekor-url', url, '--rekor-version', kind === 'v2' ? '2' : '1'];
  return [
    ...['--keyless', '--fulcio-url', url, '--trusted-root', rootOf(kind)],
    ...(kind === 'stamped' ? [] : rekor),
    ...(kind === 'v1' ? [] : ['--tsa-url', url]),
  ];
}

/** What cosign demands of certificates; the authority has no log of certificates. */
const trust = (kind: (typeof kinds)[number], identity = workflow, from = issuer) => [
  ...['--trusted-root', rootOf(kind), '--insecure-ignore-sct', '--allow-http-registry'],
  ...['--certificate-identity', identity, '--certificate-oidc-issuer', from],
  ...(kind === 'v1' ? [] : ['--use-signed-timestamps']),
  ...(kind === 'stamped' ? ['--insecure-ignore-tlog'] : []),
];

interop(
  'cosign verifies what an identity signs and attests here, and no other identity or issuer',
  async () => {
    writeFileSync(file('scan.json'), '{"result": []}');
    for (const kind of kinds) {
      for (const host of [plain.host, own.host]) {
        const what = `${kind} ${host}`;
        const reference = await publish(host, kind);
        const environment = authority.github(workflow);
        const services = servicesOf(kind);
        const signed = await runInProcess(['sign', reference, ...services], { environment });
        expect(signed.code, `${what}: ${signed.stdout}${signed.stderr}`).toBe(0);
        const scan = ['--predicate', file('scan.json'), '--type', 'https://acme.test/scan/v1'];
        const attested = await runInProcess(['attest', reference, ...services, ...scan], { environment });
        expect(attested.code, `${what}: ${attested.stdout}${attested.stderr}`).toBe(0);
        const verified = await cosign('verify', ...trust(kind), reference);
        expect(verified.code, `${what}: ${verified.stderr}`).toBe(0);
        const type = ['--type', 'https://acme.test/scan/v1'];
        const proven = await cosign('verify-attestation', ...trust(kind), ...type, reference);
        expect(proven.code, `${what}: ${proven.stderr}`).toBe(0);
        for (const other of [trust(kind, `${workflow}x`), trust(kind, workflow, 'https://issuer.test')])
          expect((await cosign('verify', ...other, reference)).code, what).not.toBe(0);
      }
    }
  },
);

interop(
  'what cosign signs by an identity is verified here, for that identity alone, and not signed once more',
  async () => {
    const { url } = authority;
    for (const kind of ['v1', 'v2'] as const) {
      const reference = await publish(kind === 'v1' ? plain.host : own.host, `by-cosign-${kind}`);
      const validFor = { start: '2020-01-01T00:00:00Z' };
      const service = (majorApiVersion: number, path = '') => [
        { url: `${url}${path}`, majorApiVersion, operator: 'test', validFor },
      ];
      const stamps = { tsaUrls: service(1, '/api/v1/timestamp'), tsaConfig: { selector: 'ANY' } };
      const config = {
        mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
        caUrls: service(1),
        rekorTlogUrls: service(kind === 'v1' ? 1 : 2),
        rekorTlogConfig: { selector: 'ANY' },
        ...(kind === 'v1' ? {} : stamps),
      };
      writeFileSync(file('config.json'), JSON.stringify(config));
      writeFileSync(file('token'), authority.token(workflow));
      const root = ['--trusted-root', rootOf(kind)];
      const signing = ['--yes', '--allow-http-registry', '--signing-config', file('config.json')];
      const made = await cosign('sign', ...signing, ...root, '--identity-token', file('token'), reference);
      expect(made.code, `${kind}: ${made.stderr}`).toBe(0);
      const verify = (identity: string) => {
        const who = ['--certificate-identity', identity, '--certificate-oidc-issuer', issuer];
        return runInProcess(['verify', reference, ...who, ...root]);
      };
      const verified = await verify(workflow);
      expect(verified.code, `${kind}: ${verified.stdout}`).toBe(0);
      expect((await verify(`${workflow}x`)).code, kind).toBe(10);
      const environment = authority.github(workflow);
      const again = await runInProcess(['sign', reference, ...servicesOf(kind), '-o', 'json'], {
        environment,
      });
      expect(JSON.parse(again.stdout).summary, kind).toMatchObject({ held: 1, signed: 0 });
    }
  },
);
