import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKeyPair } from '../../src/signing/keys/private-key.js';
import { type StartedRegistry, startRegistry } from '../../src/testing/start-registry.js';
import { startByteProxy } from '../support/network/byte-proxy.js';
import { findPeers } from '../support/peers.js';
import { type Ran, run, runCli } from '../support/program/run-cli.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('docker-registry', 'cosign');
const interop = test.skipIf(peers === undefined);
const password = 'the password of the keys';
const environment = { COSIGN_PASSWORD: password };
let home: TempDir;
/** Without a referrers API. */
let plain: DockerRegistry;
/** With one. */
let own: StartedRegistry;

beforeAll(async () => {
  if (peers === undefined) return;
  home = tempDir();
  plain = await startDockerRegistry({ program: peers['docker-registry'] });
  own = await startRegistry();
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const sec1 = ec.privateKey.export({ format: 'pem', type: 'sec1' }).toString();
  const pkcs8 = ed.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const publicPem = (key: typeof ec.publicKey) => key.export({ format: 'pem', type: 'spki' }).toString();
  const ours = await createKeyPair(password);
  writeKey('sec1', sec1, publicPem(ec.publicKey));
  writeKey('ed25519', pkcs8, publicPem(ed.publicKey));
  writeKey('ours', ours.privatePem, ours.publicPem);
  await cosign('generate-key-pair', '--output-key-prefix', 'theirs');
});

afterAll(async () => {
  await plain?.close();
  await own?.stop();
  await home?.[Symbol.asyncDispose]();
});

function writeKey(name: string, privatePem: string, publicPem: string): void {
  writeFileSync(file(`${name}.key`), privatePem);
  writeFileSync(file(`${name}.pub`), publicPem);
}

const file = (name: string) => join(home.path, name);

function cosign(...words: string[]): Promise<Ran> {
  const env = { HOME: home.path, ...environment };
  return run(peers?.cosign ?? '', words, { cwd: home.path, env });
}

const cosignVerify = (reference: string, key: string) =>
  cosign('verify', '--insecure-ignore-tlog', '--allow-http-registry', '--key', `${key}.pub`, reference);

const cosignSign = (reference: string, key: string, ...words: string[]) => {
  const offline = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
  return cosign('sign', ...offline, ...words, '--key', `${key}.key`, reference);
};

const sign = (reference: string, key: string, ...words: string[]) =>
  runInProcess(['sign', reference, '--key', file(`${key}.key`), '-o', 'json', ...words], { environment });

async function verify(reference: string, ...keys: string[]) {
  const words = keys.flatMap((key) => ['--key', file(`${key}.pub`)]);
  const { code, stdout } = await runInProcess(['verify', reference, ...words, '-o', 'json']);
  return { code, signatures: JSON.parse(stdout).signatures[0].signatures };
}

/** Pushes a bundle of its own and gives it by its digest: cosign signs nothing by a tag. */
async function publish(host: string, name: string): Promise<string> {
  await using project = sampleProject({ repository: `${host}/acme`, bundles: [name] });
  const { bundle } = await runJson(['ensure', '--config', project.config, '--push']);
  return `${host}/acme/${name}@${bundle.digest}`;
}

const hosts = () =>
  [
    ['plain', plain.host],
    ['own', own.host],
  ] as const;

interop(
  'cosign verifies what each kind of key signs in each form, on registries of both kinds, and no other key',
  async () => {
    for (const [kind, host] of hosts()) {
      for (const key of ['theirs', 'ours', 'sec1', 'ed25519']) {
        for (const storage of ['referrer', 'tag', 'both']) {
          const what = `${kind} ${key} ${storage}`;
          const reference = await publish(host, `v-${key}-${storage}`);
          expect((await sign(reference, key, '--signature-storage', storage)).code, what).toBe(0);
          const verified = await cosignVerify(reference, key);
          expect(verified.code, `${what}: ${verified.stderr}`).toBe(0);
          if (storage === 'both') {
            const other = key === 'sec1' ? 'ours' : 'sec1';
            expect((await cosignVerify(reference, other)).code, what).not.toBe(0);
          }
        }
      }
    }
  },
);

interop('what cosign signs in each form is verified, and not signed once more', async () => {
  for (const [kind, host] of hosts()) {
    for (const [storage, ...words] of [['referrer'], ['tag', '--new-bundle-format=false']] as const) {
      for (const key of ['theirs', 'ours']) {
        const what = `${kind} ${key} ${storage}`;
        const reference = await publish(host, `c-${key}-${storage}`);
        const made = await cosignSign(reference, key, ...words);
        expect(made.code, `${what}: ${made.stderr}`).toBe(0);
        const { code, signatures } = await verify(reference, 'sec1', key);
        expect([what, code, signatures.length]).toEqual([what, 0, 1]);
        expect(signatures[0]).toMatchObject({ storage, held: true, key: { file: file(`${key}.pub`) } });
        expect((await verify(reference, 'sec1')).code, what).toBe(10);
        const again = await sign(reference, key, '--signature-storage', storage);
        expect(JSON.parse(again.stdout).summary, what).toMatchObject({ held: 1, signed: 0 });
      }
    }
  }
});

interop('an attestation passes for a signature with cosign, and never here', async () => {
  writeFileSync(file('predicate.json'), '{"buildDefinition":{},"runDetails":{}}');
  for (const [kind, host] of hosts()) {
    const reference = await publish(host, 'attested');
    const offline = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
    const words = ['--key', 'theirs.key', '--type', 'slsaprovenance1', '--predicate', 'predicate.json'];
    await mustRunOf(cosign('attest', ...offline, ...words, reference));
    expect((await cosignVerify(reference, 'theirs')).code, kind).toBe(0);
    const { code, signatures } = await verify(reference, 'theirs');
    expect(code, kind).toBe(10);
    expect(signatures).toMatchObject([{ kind: 'attestation', held: false }]);
    // cosign would look at the attestation alone.
    expect((await sign(reference, 'theirs', '--signature-storage', 'tag')).code).toBe(10);
    expect((await sign(reference, 'theirs')).code).toBe(0);
    expect((await verify(reference, 'theirs')).code, kind).toBe(0);
  }
});

interop('cosign verifies what is attested here in each form, by its type and key alone', async () => {
  writeFileSync(file('scan.json'), '{"scanner": {"uri": "https://scanner.test"}}');
  const attestation = (reference: string, key: string, type: string) => {
    const words = ['--insecure-ignore-tlog', '--allow-http-registry', '--key', `${key}.pub`];
    return cosign('verify-attestation', ...words, '--type', type, reference);
  };
  for (const [kind, host] of hosts()) {
    await using project = sampleProject({ repository: `${host}/prov`, bundles: ['built'] });
    const { bundle } = await runJson(['ensure', '--config', project.config, '--push']);
    const reference = `${host}/prov/built@${bundle.digest}`;
    const words = ['--config', project.config, '--key', file('ours.key'), '-o', 'json'];
    const builder = { ...environment, BUNDLES_BUILDER_ID: 'https://ci.test/pipelines/1' };
    const made = await runInProcess(['attest', ...words], { environment: builder });
    expect([made.code, kind], made.stderr).toEqual([0, kind]);
    const verified = await attestation(reference, 'ours', 'slsaprovenance1');
    expect(verified.code, `${kind}: ${verified.stderr}`).toBe(0);
    const { payload } = JSON.parse(verified.stdout);
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString());
    expect(statement.predicate.runDetails.builder.id).toBe(builder.BUNDLES_BUILDER_ID);
    expect((await attestation(reference, 'sec1', 'slsaprovenance1')).code, kind).not.toBe(0);
    expect((await attestation(reference, 'ours', 'vuln')).code, kind).not.toBe(0);
    for (const storage of ['referrer', 'tag']) {
      const subject = await publish(host, `scan-${storage}`);
      const scan = ['--predicate', file('scan.json'), '--type', 'vuln', '--signature-storage', storage];
      const ran = await runInProcess(['attest', subject, '--key', file('ed25519.key'), ...scan]);
      expect(ran.code, ran.stderr).toBe(0);
      const found = await attestation(subject, 'ed25519', 'vuln');
      expect(found.code, `${kind} ${storage}: ${found.stderr}`).toBe(0);
    }
  }
});

interop('what cosign attests in each form is verified, and not attested once more', async () => {
  writeFileSync(file('found.json'), '{"scanner": {"uri": "https://scanner.test"}}');
  for (const [kind, host] of hosts()) {
    for (const [storage, ...form] of [['referrer'], ['tag', '--new-bundle-format=false']] as const) {
      const what = `${kind} ${storage}`;
      const reference = await publish(host, `attested-${storage}`);
      const offline = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
      const words = [
        '--key',
        'theirs.key',
        '--type',
        'https://acme.test/scan/v1',
        '--predicate',
        'found.json',
      ];
      await mustRunOf(cosign('attest', ...offline, ...form, ...words, reference));
      const type = ['--type', 'https://acme.test/scan/v1'];
      const held = await runInProcess(['verify', reference, '--key', file('theirs.pub'), ...type]);
      expect(held.code, `${what}: ${held.stdout}`).toBe(0);
      expect((await runInProcess(['verify', reference, '--key', file('sec1.pub'), ...type])).code).toBe(10);
      const again = [
        '--predicate',
        file('found.json'),
        ...type,
        '--signature-storage',
        storage,
        '-o',
        'json',
      ];
      const ran = await runInProcess(['attest', reference, '--key', file('theirs.key'), ...again], {
        environment,
      });
      expect(JSON.parse(ran.stdout).summary, what).toMatchObject({ held: 1 });
    }
  }
});

interop('the mixes that are refused are those that cosign misreads', async () => {
  for (const [kind, host] of hosts()) {
    const reference = await publish(host, 'mixed');
    await mustRunOf(cosignSign(reference, 'theirs', '--new-bundle-format=false'));
    expect((await cosignVerify(reference, 'theirs')).code, kind).toBe(0);
    const refused = await sign(reference, 'ours');
    expect([refused.code, JSON.parse(refused.stdout).bundles[0].error.code]).toEqual([
      10,
      'SIGNATURE_HIDDEN',
    ]);
    await mustRunOf(cosignSign(reference, 'ours'));
    expect((await cosignVerify(reference, 'theirs')).code, `${kind}: hidden`).not.toBe(0);
    const both = await verify(reference, 'theirs', 'ours');
    expect(both.signatures.map(({ held }: { held: boolean }) => held)).toEqual([true, true]);
  }
});

interop('signers of both kinds on one digest lose nothing', async () => {
  for (const [kind, host] of hosts()) {
    const reference = await publish(host, 'shared');
    await mustRunOf(cosignSign(reference, 'theirs'));
    const keys = ['ours', 'sec1', 'ed25519'];
    const signed = await Promise.all(keys.map((key) => sign(reference, key)));
    expect(
      signed.map(({ code }) => code),
      kind,
    ).toEqual([0, 0, 0]);
    for (const key of ['theirs', ...keys]) {
      const verified = await cosignVerify(reference, key);
      expect(verified.code, `${kind} ${key}: ${verified.stderr}`).toBe(0);
    }
  }
});

interop(
  'a copy from a registry with a referrers API to one without, and back through a layout, verifies',
  async () => {
    const reference = await publish(own.host, 'moved');
    expect((await sign(reference, 'ours', '--signature-storage', 'both')).code).toBe(0);
    const places = [
      reference,
      `${plain.host}/moved/a:v1`,
      `oci:${file('layout')}:v1`,
      `${own.host}/moved/b:v1`,
    ];
    for (const [index, target] of places.slice(1).entries()) {
      const ran = await runInProcess(['copy', places[index] ?? '', target, '--key', file('ours.pub')]);
      expect(ran.code, ran.stderr).toBe(0);
    }
    for (const place of [places[1], places[3]]) {
      const verified = await cosignVerify(place ?? '', 'ours');
      expect(verified.code, verified.stderr).toBe(0);
    }
  },
);

interop('of 100 bundles a second run signs nothing, and each costs a known number of requests', async () => {
  const bundles = Array.from({ length: 100 }, (_, index) => `many-${index}`);
  for (const [kind, host, budget] of [
    ['plain', plain.host, 5],
    ['own', own.host, 3],
  ] as const) {
    await using project = sampleProject({ repository: `${host}/${kind}`, bundles, workflow: false });
    const alone = JSON.parse((await sign(await publish(host, 'alone'), 'ours')).stdout);
    expect(alone.summary.requests, kind).toBeLessThanOrEqual(kind === 'own' ? 8 : 17);
    const words = ['ensure', '--config', project.config, '--push', '--sign', '--key', file('ours.key')];
    const first = await runJson(words, { environment });
    expect(first.code).toBe(0);
    const cold = first.result.summary.requests;
    if (kind === 'plain') await plain.forget();
    const second = await runJson(words, { environment });
    expect(new Set(second.result.bundles.map(({ signature }) => signature?.action))).toEqual(
      new Set(['held']),
    );
    expect(second.result.summary.requests).toBe(100 * (1 + budget));
    if (kind === 'plain') {
      const asked = await plain.requests();
      expect(asked.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
    }
    const { durationMs } = second.result.summary;
    console.info(
      `${kind}: ${cold} requests to publish and sign, then ${100 * (1 + budget)} in ${durationMs} ms`,
    );
  }
});

interop('20 kills leave a bundle signed or unsigned, and the next run signs it', async () => {
  for (const [kind, host] of hosts()) {
    await using proxy = await startByteProxy(host);
    const moments = 10;
    const measured = await publish(proxy.host, 'whole');
    void proxy.reached(Number.POSITIVE_INFINITY);
    expect((await sign(measured, 'sec1', '--signature-storage', 'both')).code).toBe(0);
    const whole = proxy.sent;
    const states: number[] = [];
    for (let index = 0; index < moments; index++) {
      const reference = await publish(proxy.host, `killed-${index}`);
      const killWhen = proxy.reached(Math.ceil((whole * (index + 0.5)) / moments));
      const words = ['sign', reference, '--key', file('sec1.key'), '--signature-storage', 'both'];
      await runCli(words, { killWhen });
      void proxy.reached(Number.POSITIVE_INFINITY);
      const { code, signatures } = await verify(reference, 'sec1');
      const held = signatures.every(({ held }: { held: boolean }) => held);
      expect([code === 0 || code === 10, held], `${kind} ${index}: ${code}`).toEqual([true, true]);
      states.push(code);
      expect((await sign(reference, 'sec1', '--signature-storage', 'both')).code).toBe(0);
      expect((await cosignVerify(reference, 'sec1')).code, `${kind} ${index}`).toBe(0);
    }
    console.info(`${kind}: verify after each kill: ${states.join(' ')}`);
    expect(states).toContain(10);
  }
});

async function mustRunOf(running: Promise<Ran>): Promise<void> {
  const { code, stderr } = await running;
  expect(code, stderr).toBe(0);
}
