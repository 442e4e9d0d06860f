import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Diagnosis } from '../../../src/doctor/diagnose.js';
import type { CopiedBundle } from '../../../src/release/copy-bundle.js';
import type { PromoteResult } from '../../../src/release/promote-result.js';
import type { Peers } from '../peers.js';
import { mustRun } from '../program/run-cli.js';
import { credentials, type InProcessOptions, runInProcess, runJson } from '../program/run-in-process.js';
import { samplePipeline, sampleProject } from '../samples/sample-project.js';
import { type TempDir, tempDir } from '../temp-dir.js';

export interface RegistryUnderTest {
  readonly host: string;
  /** Who may push; undefined where no credential is ever asked for. */
  readonly user?: { readonly name: string; readonly password: string };
  close(): Promise<void>;
}

export interface SuiteOptions {
  /** The most that the publication of one bundle of one object may cost. */
  readonly coldRequests: number;
  /** Requests for one unchanged bundle: one HEAD, and what it takes to learn how to authenticate. */
  readonly warmRequests: number;
  /** Whether crane can read it: a token service on another port of this machine is too private for it. Default true. */
  readonly validates?: boolean;
}

/**
 * What people do with a registry, by the commands they do it with, and looked at with crane and oras: the same for every
 * registry. Each test has repositories of its own.
 */
export function registrySuite(
  title: string,
  peers: Peers,
  start: () => Promise<RegistryUnderTest>,
  { coldRequests, warmRequests, validates = true }: SuiteOptions,
): void {
  let registry: RegistryUnderTest;
  let home: TempDir;
  beforeAll(async () => {
    registry = await start();
    home = tempDir();
    const { host, user } = registry;
    const { DOCKER_AUTH_CONFIG = '{}' } = user ? credentials(host, user.name, user.password) : {};
    writeFileSync(join(home.path, 'config.json'), DOCKER_AUTH_CONFIG);
  });
  afterAll(async () => {
    await registry?.close();
    await home?.[Symbol.asyncDispose]();
  });

  const known = (): InProcessOptions => ({ environment: { DOCKER_CONFIG: home.path } });
  const oras = async (...words: string[]) => {
    const options = ['--plain-http', '--registry-config', join(home.path, 'config.json')];
    const env = { HOME: home.path };
    return (await mustRun(peers.oras, [...words, ...options], { cwd: home.path, env })).trim();
  };
  const validate = (reference: string) =>
    mustRun(peers.crane, ['validate', '--insecure', '--remote', reference], {
      env: { DOCKER_CONFIG: home.path },
    });
  const repository = (name: string) => `${registry.host}/acme/${name}`;
  const project = (name: string, bundles?: readonly string[]) =>
    sampleProject({ repository: repository(name), ...(bundles ? { bundles } : {}) });
  const ensure = (config: string, ...words: string[]) =>
    runJson(['ensure', '--config', config, '--no-fallback', ...words], known());
  /** The digest that `bundles push` gives to one Pipeline under a reference. */
  const push = async (reference: string, text: string) => {
    await using sources = sampleProject({ repository: 'registry.invalid/x' });
    sources.write('a.yaml', samplePipeline(text));
    const words = ['push', reference, '-f', join(sources.directory, 'a.yaml'), '-o', 'json'];
    const ran = await runInProcess(words, known());
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    return (JSON.parse(ran.stdout) as { digest: string }).digest;
  };

  test(`${title}: cold, every bundle is published${validates ? ', and crane finds it whole' : ''}`, async () => {
    const names = ['alpha', 'beta', 'gamma'];
    await using sources = project('cold', names);
    const { code, result } = await ensure(sources.config);
    expect(result.bundles.map(({ verdict, outcome }) => `${verdict} ${outcome}`)).toSatisfy(
      (all: readonly string[]) => all.every((one) => /^(?:absent|denied) published$/.test(one)),
    );
    expect(code).toBe(0);
    for (const { name, digest } of result.bundles) {
      const reference = `${repository('cold')}/${name}:v1.0.0`;
      expect(await oras('resolve', reference)).toBe(digest);
      if (validates) await validate(reference);
    }
  });

  test(`${title}: a cold bundle costs at most ${coldRequests} requests, a warm one ${warmRequests}`, async () => {
    await using sources = project('counted');
    const cold = await ensure(sources.config);
    expect([cold.code, cold.bundle.outcome]).toEqual([0, 'published']);
    expect(cold.bundle.requests).toBeLessThanOrEqual(coldRequests);
    const warm = await ensure(sources.config);
    expect([warm.code, warm.bundle.verdict, warm.bundle.requests]).toEqual([0, 'present', warmRequests]);
    expect(warm.bundle.digest).toBe(cold.bundle.digest);
  });

  test(`${title}: many warm bundles cost one HEAD each`, async () => {
    const names = Array.from({ length: 20 }, (_, index) => `bundle-${index}`);
    await using sources = project('warm', names);
    expect((await ensure(sources.config)).code).toBe(0);
    const { code, result } = await ensure(sources.config);
    expect([code, result.summary?.reused]).toEqual([0, 20]);
    if (registry.user === undefined) expect(result.summary?.requests).toBe(20);
  });

  test.each([
    ['fail', 'different failed', 4],
    ['fallback', 'different fallback', 0],
    ['reuse', 'different reused', 0],
    ['overwrite', 'different published', 0],
  ] as const)(`${title}: other content under the tag: %s`, async (form, wanted, code) => {
    await using sources = project(`different-${form}`);
    const reference = `${repository(`different-${form}`)}/alpha:v1.0.0`;
    const theirs = await push(reference, 'theirs');
    const words = form === 'overwrite' ? ['alpha', '--on-different', form] : ['--on-different', form];
    const ran = await runJson(
      ['ensure', '--config', sources.config, ...words, ...(form === 'fallback' ? [] : ['--no-fallback'])],
      known(),
    );
    expect([`${ran.bundle.verdict} ${ran.bundle.outcome}`, ran.code]).toEqual([wanted, code]);
    const holds = await oras('resolve', reference);
    expect(holds).toBe(form === 'overwrite' ? ran.bundle.built : theirs);
    if (form === 'reuse') expect(ran.bundle.digest).toBe(theirs);
  });

  test(`${title}: list and inspect read what push wrote, and a second push moves the tag`, async () => {
    const reference = `${repository('read')}:v1`;
    const first = await push(reference, 'first');
    const listed = await runInProcess(['list', reference, '-o', 'name'], known());
    expect([listed.code, listed.stdout.trim()]).toEqual([0, 'pipeline.tekton.dev/workflow']);
    const inspected = await runInProcess(['inspect', reference, '-o', 'json'], known());
    expect(JSON.parse(inspected.stdout)).toMatchObject({ digest: first, objects: [{ kind: 'pipeline' }] });
    const second = await push(reference, 'second');
    expect(second).not.toBe(first);
    expect(await oras('resolve', reference)).toBe(second);
  });

  test(`${title}: copy takes a referrer along, and nothing is sent twice`, async () => {
    const [from, to] = [repository('copied/from'), repository('copied/to')];
    const digest = await push(`${from}:v1.0.0`, 'copied');
    writeFileSync(join(home.path, 'note.txt'), 'approved\n');
    const type = 'application/vnd.example.note';
    await oras('attach', '--artifact-type', type, `${from}@${digest}`, 'note.txt:text/plain');
    const copy = async () => {
      const words = ['copy', `${from}:v1.0.0`, `${to}:v1.0.0`, '-o', 'json'];
      const ran = await runInProcess(words, known());
      expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
      return JSON.parse(ran.stdout) as CopiedBundle;
    };
    expect(await copy()).toMatchObject({ digest, referrers: 1 });
    expect(await oras('resolve', `${to}:v1.0.0`)).toBe(digest);
    expect(await oras('discover', '--format', 'json', `${to}@${digest}`)).toContain(type);
    expect(await copy()).toMatchObject({ digest, copied: 0, mounted: 0, bytes: 0 });
  });

  test(`${title}: promote carries the digest of the lock to another repository`, async () => {
    await using sources = project('dev');
    const { bundle } = await ensure(sources.config);
    const promote = async () => {
      const words = ['promote', '--config', sources.config, '--to', repository('prod'), '--tag', 'v2.0.0'];
      const ran = await runInProcess([...words, '--output', 'json'], known());
      return { code: ran.code, result: JSON.parse(ran.stdout) as PromoteResult };
    };
    expect(await promote()).toMatchObject({
      code: 0,
      result: { bundles: [{ outcome: 'promoted', digest: bundle.digest }] },
    });
    expect(await oras('resolve', `${repository('prod')}/alpha:v2.0.0`)).toBe(bundle.digest);
    expect((await promote()).code).toBe(0);
  });

  test(`${title}: what was deleted is published again`, async () => {
    await using sources = project('deleted');
    const { bundle } = await ensure(sources.config);
    await remove(registry, 'acme/deleted/alpha', [bundle.digest ?? '', 'v1.0.0']);
    const again = await ensure(sources.config);
    expect([again.code, again.bundle.verdict, again.bundle.outcome]).toEqual([0, 'absent', 'published']);
    expect(await oras('resolve', `${repository('deleted')}/alpha:v1.0.0`)).toBe(bundle.digest);
  });

  test(`${title}: doctor finds the registry and its credential in order`, async () => {
    await using sources = project('doctor');
    await ensure(sources.config);
    const ran = await runInProcess(['doctor', '--config', sources.config, '-o', 'json'], known());
    const { links } = JSON.parse(ran.stdout) as Diagnosis;
    const states = links.filter(({ link }) => link === 'registry' || link === 'credentials');
    expect(states.filter(({ state }) => state === 'broken' || state === 'warning')).toEqual([]);
    expect(states).toContainEqual(
      expect.objectContaining({
        link: 'registry',
        state: 'ok',
        details: expect.objectContaining({ verdict: 'present' }),
      }),
    );
  });
}

/** Proves a password at a registry, keeps it, and publishes with it. */
export function loginSuite(title: string, start: () => Promise<RegistryUnderTest>): void {
  test(`${title}: login takes the right password alone, and ensure publishes with it`, async () => {
    const registry = await start();
    onTestFinished(() => registry.close());
    const { host, user } = registry;
    if (user === undefined) throw new Error('a registry without users has no login');
    await using home = tempDir();
    const words = ['login', host, '-u', user.name, '--password-stdin'];
    const login = (input: string) => runInProcess(words, { home: home.path, input });
    expect((await login('not-the-password')).code).toBe(5);
    expect(await login(user.password)).toMatchObject({ code: 0, stderr: '' });
    await using sources = sampleProject({ repository: `${host}/acme/login` });
    const ensure = ['ensure', '--config', sources.config, '--no-fallback'];
    const { code, bundle } = await runJson(ensure, { home: home.path });
    expect([code, bundle.outcome]).toEqual([0, 'published']);
  });
}

/** Deletes a manifest by each of these names, as far as the registry has them. */
async function remove(
  { host, user }: RegistryUnderTest,
  repository: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const url = `http://${host}/v2/${repository}/manifests/${name}`;
    const send = (headers: Record<string, string>) => fetch(url, { method: 'DELETE', headers });
    const asked = await send({});
    const challenge = asked.headers.get('www-authenticate');
    const status = challenge && user ? (await send(await answerTo(challenge, user))).status : asked.status;
    expect([202, 400, 404, 405]).toContain(status);
  }
}

async function answerTo(
  challenge: string,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<Record<string, string>> {
  const basic = { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
  if (challenge.startsWith('Basic')) return basic;
  const [realm, service, scope] = ['realm', 'service', 'scope'].map(
    (key) => new RegExp(`${key}="([^"]*)"`).exec(challenge)?.[1] ?? '',
  );
  const question = new URLSearchParams({ service: service ?? '', scope: scope ?? '' });
  const answer = await fetch(`${realm}?${question}`, { headers: basic });
  const { token } = (await answer.json()) as { token: string };
  return { authorization: `Bearer ${token}` };
}
