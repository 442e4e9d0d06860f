import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/program/run-cli.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { startSigstoreAuthority } from '../support/signing/sigstore-authority.js';
import { tempDir } from '../support/temp-dir.js';

const workflow = 'https://github.com/acme/tasks/.github/workflows/release.yaml@refs/heads/main';
const issuer = 'https://token.actions.githubusercontent.com';

/** A project on a registry, its own sigstore, and the flags that name it. */
async function setUp({ settings = [] as readonly string[] } = {}) {
  const registry = await startGuardedRegistry();
  const project = sampleProject({
    repository: `${registry.host}/acme`,
    bundles: ['alpha', 'beta'],
    settings,
  });
  const authority = await startSigstoreAuthority();
  const directory = tempDir();
  const root = join(directory.path, 'root.json');
  writeFileSync(root, authority.trustedRoot({ log: 1 }));
  const config = ['--config', project.config];
  expect((await runJson(['ensure', ...config])).code).toBe(0);
  const { url } = authority;
  const services = ['--fulcio-url', url, '--rekor-url', url, '--tsa-url', url, '--trusted-root', root];
  const held = [registry, project, authority, directory];
  const close = async () => {
    for (const one of held) await one[Symbol.asyncDispose]();
  };
  return { registry, project, authority, directory, root, config, services, [Symbol.asyncDispose]: close };
}

async function run(words: readonly string[], environment: Record<string, string> = {}) {
  const ran = await runInProcess([...words, '-o', 'json'], { environment });
  return { ...ran, document: JSON.parse(ran.stdout) };
}

const identity = (who = workflow, from = issuer) => [
  ...['--certificate-identity', who],
  ...['--certificate-oidc-issuer', from],
];

test('a job of GitHub signs and attests every bundle by one certificate, once, and verify demands its identity', async () => {
  await using given = await setUp();
  const { authority, config, services, root, registry } = given;
  const environment = authority.github(workflow);
  const signing = ['sign', ...config, '--keyless', ...services];
  const { code, document, stderr } = await run(signing, environment);
  expect([code, stderr]).toEqual([0, '']);
  expect(document).toMatchObject({
    key: null,
    identity: { identity: workflow, issuer },
    bundles: [{ action: 'signed', written: ['referrer'] }, { action: 'signed' }],
  });
  const count = (line: string) => authority.seen.filter((one) => one === line).length;
  const asked = () => [
    count('POST /api/v2/signingCert'),
    count('POST /api/v1/log/entries'),
    count('POST /api/v1/timestamp'),
  ];
  expect(asked()).toEqual([1, 2, 2]);
  registry.seen.length = 0;
  const variables = {
    BUNDLES_FULCIO_URL: authority.url,
    BUNDLES_REKOR_URL: authority.url,
    BUNDLES_TSA_URL: authority.url,
  };
  const again = await run(['sign', ...config, '--keyless'], {
    SIGSTORE_ID_TOKEN: authority.token(workflow),
    BUNDLES_TRUSTED_ROOT: root,
    ...variables,
  });
  expect(again.document.summary).toMatchObject({ signed: 0, held: 2, failed: 0 });
  expect(registry.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);

  const attesting = ['attest', ...config, '--keyless', ...services, '--builder-id', workflow];
  expect((await run(attesting, environment)).document.summary).toMatchObject({ attested: 2 });
  expect((await run(attesting, environment)).document.summary).toMatchObject({ attested: 0, held: 2 });

  const verify = (...words: string[]) =>
    run(['verify', 'alpha', ...config, '--trusted-root', root, ...words]);
  const held = await verify(...identity());
  expect(held.code).toBe(0);
  expect(held.document.signatures[0].signatures).toContainEqual(
    expect.objectContaining({
      kind: 'signature',
      held: true,
      key: null,
      certificate: { identity: workflow, issuer },
    }),
  );
  expect((await verify(...identity(), '--type', 'slsaprovenance1')).code).toBe(0);
  const pattern = ['--certificate-oidc-issuer', issuer, '--certificate-identity-regexp'];
  expect((await verify(...pattern, 'https://github\\.com/acme/.*')).code).toBe(0);
  for (const refused of [
    identity(`${workflow}s`),
    identity(workflow.slice(0, -1)),
    identity(workflow, 'https://issuer.test'),
    [...pattern, 'github\\.com/acme/'],
  ]) {
    const ran = await verify(...refused);
    expect([ran.code, ran.document.signatures[0].error.code], refused.join(' ')).toEqual([
      10,
      'SIGNATURE_MISSING',
    ]);
  }
  const text = await runInProcess(['verify', 'alpha', ...config, '--trusted-root', root, ...identity()]);
  expect(text.stdout).toContain(`by ${workflow} (${issuer})`);
});

test('verify needs an identity, its issuer and a trusted root from outside of the checkout', async () => {
  await using given = await setUp();
  const { config, root, project } = given;
  const own = join(project.directory, 'root.json');
  writeFileSync(own, readFileSync(root));
  const trust = ['--trusted-root', root];
  for (const words of [
    ['--certificate-identity', workflow, ...trust],
    ['--certificate-oidc-issuer', issuer, ...trust],
    [...identity(), '--certificate-identity-regexp', '.*', ...trust],
    ['--certificate-oidc-issuer', issuer, '--certificate-identity-regexp', '(', ...trust],
    identity(),
    [...identity(), '--trusted-root', project.config],
    [...identity(), '--trusted-root', own],
    [...identity(), ...trust, '--offline'],
  ]) {
    const ran = await run(['verify', 'alpha', ...config, ...words]);
    expect([ran.code, ran.document.error?.code], words.join(' ')).toEqual([
      2,
      words.includes(own) || words.includes(project.config) ? 'KEY_INVALID' : 'USAGE',
    ]);
  }
});

test('what cannot be an identity, a service or a form is refused before any request', async () => {
  await using given = await setUp();
  const { authority, config, services, root, directory, registry } = given;
  const token = { SIGSTORE_ID_TOKEN: authority.token(workflow) };
  const file = join(directory.path, 'token');
  writeFileSync(file, 'not a token');
  const trust = ['--trusted-root', root];
  registry.seen.length = 0;
  const cases: [string[], Record<string, string>, string][] = [
    [['--key', root, ...services], token, 'USAGE'],
    [['--keyless', ...services, '--signature-storage', 'tag'], token, 'USAGE'],
    [['--keyless', '--fulcio-url', authority.url, '--rekor-url', authority.url], token, 'USAGE'],
    [['--keyless', '--fulcio-url', authority.url, ...trust], token, 'USAGE'],
    [['--keyless', '--rekor-url', authority.url, '--rekor-version', '2', ...trust], token, 'USAGE'],
    [
      ['--keyless', '--fulcio-url', 'http://fulcio.test', '--tsa-url', authority.url, ...trust],
      token,
      'USAGE',
    ],
    [
      ['--keyless', '--fulcio-url', 'https://u:p@fulcio.test', '--tsa-url', authority.url, ...trust],
      token,
      'USAGE',
    ],
    [['--keyless', ...services], {}, 'IDENTITY_MISSING'],
    [['--keyless', ...services, '--identity-token', file], token, 'IDENTITY_MISSING'],
    [['--keyless', ...services, '--identity-token', `${file}s`], token, 'IDENTITY_MISSING'],
    [['--keyless', ...services], { GITHUB_ACTIONS: 'true' }, 'IDENTITY_MISSING'],
  ];
  for (const [words, environment, code] of cases) {
    const keyless = words.includes('--key') ? [...words, '--keyless'] : words;
    const ran = await run(['sign', ...config, ...keyless], environment);
    expect([ran.code, ran.document.error?.code], words.join(' ')).toEqual([2, code]);
  }
  expect((await run(['sign', ...config])).code).toBe(2);
  expect([authority.seen, registry.seen]).toEqual([[], []]);
});

test('a pull request from a fork signs nothing and reports it; any other job without a token fails', async () => {
  await using given = await setUp();
  const { config, services, directory, registry } = given;
  const event = join(directory.path, 'event.json');
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event };
  const pull = (head: string) =>
    writeFileSync(
      event,
      JSON.stringify({
        pull_request: { head: { repo: { full_name: head } }, base: { repo: { full_name: 'acme/tasks' } } },
      }),
    );
  registry.seen.length = 0;
  pull('stranger/tasks');
  const ran = await run(['sign', ...config, '--keyless', ...services], environment);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('fork')]);
  expect(ran.document.bundles.map(({ action }: { action: string }) => action)).toEqual([
    'skipped',
    'skipped',
  ]);
  expect(registry.seen).toEqual([]);
  pull('acme/tasks');
  expect((await run(['sign', ...config, '--keyless', ...services], environment)).code).toBe(2);
});

test('ensure --sign --keyless signs what it reuses and publishes, by one certificate that is requested first', async () => {
  await using given = await setUp();
  const { authority, config, services, root, registry, directory } = given;
  const environment = authority.github(workflow);
  const words = ['ensure', ...config, '--sign', '--keyless', ...services];
  const signatures = ({ bundles }: { bundles: { signature: unknown }[] }) =>
    bundles.map(({ signature }) => signature);
  const writes = () => registry.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD').length;
  const certificates = () => authority.seen.filter((one) => one === 'POST /api/v2/signingCert').length;

  registry.seen.length = 0;
  const dry = await run([...words, '--dry-run'], environment);
  expect([dry.code, writes(), authority.seen]).toEqual([0, 0, []]);
  const first = await run(words, environment);
  expect([first.code, first.stderr.includes('warning')]).toEqual([0, false]);
  const own = { key: null, identity: { identity: workflow, issuer }, error: null };
  const signed = { action: 'signed', written: ['referrer'], ...own };
  expect(first.document.bundles[0].outcome).toBe('reused');
  expect(signatures(first.document)).toEqual([signed, signed]);
  expect(certificates()).toBe(1);
  registry.seen.length = 0;
  const warm = await run(words, environment);
  const held = { action: 'held', written: [], ...own };
  expect([warm.code, writes(), signatures(warm.document)]).toEqual([0, 0, [held, held]]);
  // Another digest is published and signed in the same run.
  const other = (tag: string) => [...words, '--tag', tag, '--label', `tag=${tag}`];
  const published = await run(other('v2.0.0'), environment);
  expect(published.document.bundles[0].outcome).toBe('published');
  expect(signatures(published.document)).toEqual([signed, signed]);
  expect(certificates()).toBe(3);
  for (const reference of ['alpha', `${registry.host}/acme/beta:v2.0.0`]) {
    const checked = await run(['verify', reference, ...config, '--trusted-root', root, ...identity()]);
    expect(checked.code, reference).toBe(0);
  }

  registry.seen.length = 0;
  const refused = await run(other('v3.0.0'), { SIGSTORE_ID_TOKEN: authority.token('x').replace(/.$/, 'A') });
  expect([refused.code, refused.document.error.code, writes()]).toEqual([10, 'SIGSTORE_FAILED', 0]);
  authority.faults.otherEntry = true;
  const unsigned = await run(other('v4.0.0'), environment);
  authority.faults.otherEntry = false;
  expect(unsigned.code).toBe(10);
  expect(unsigned.document.bundles[0]).toMatchObject({
    outcome: 'published',
    error: null,
    signature: { action: 'failed', written: [], error: { code: 'SIGNATURE_FAILED' } },
  });

  const event = join(directory.path, 'event.json');
  const repositories = {
    head: { repo: { full_name: 'stranger/tasks' } },
    base: { repo: { full_name: 'acme/tasks' } },
  };
  writeFileSync(event, JSON.stringify({ pull_request: repositories }));
  const fork = { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: event };
  const asked = authority.seen.length;
  const forked = await run([...words, '--no-push'], fork);
  expect([forked.code, forked.stderr]).toEqual([0, expect.stringContaining('fork')]);
  const skipped = { action: 'skipped', written: [], key: null, identity: null, error: null };
  expect(signatures(forked.document)).toEqual([skipped, skipped]);

  registry.seen.length = 0;
  for (const wrong of [
    ['--keyless', ...services],
    ['--trusted-root', root],
    ['--sign', '--key', root, '--keyless', ...services],
    ['--sign', '--keyless', ...services, '--signature-storage', 'tag'],
    ['--sign', '--keyless', ...services, '--offline'],
    ['--sign', '--keyless', ...services.slice(0, -2)],
  ]) {
    const ran = await run(['ensure', ...config, ...wrong], environment);
    expect([ran.code, ran.document.error?.code], wrong.join(' ')).toEqual([2, 'USAGE']);
  }
  expect([authority.seen.length, registry.seen]).toEqual([asked, []]);
});

test('copy and promote demand a signature by an identity before anything is sent', async () => {
  await using given = await setUp();
  await using target = await startGuardedRegistry();
  const { authority, config, services, root, registry } = given;
  await run(['sign', ...config, '--keyless', ...services], authority.github(workflow));
  const copied = `${target.host}/copied/alpha:v1.0.0`;
  const moves = [
    ['copy', `${registry.host}/acme/alpha:v1.0.0`, copied],
    ['promote', ...config, '--to', `${target.host}/production`],
  ];
  const trust = ['--trusted-root', root];
  for (const move of moves) {
    for (const [code, ...wanted] of [
      [10, ...identity(`${workflow}s`), ...trust],
      [10, ...identity(workflow, 'https://issuer.test'), ...trust],
      [2, '--certificate-identity', workflow, ...trust],
      [2, ...identity()],
    ] as [number, ...string[]][])
      expect((await run([...move, ...wanted])).code, `${move[0]} ${wanted.join(' ')}`).toBe(code);
    expect(target.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  }
  for (const move of moves) expect((await run([...move, ...identity(), ...trust])).code, move[0]).toBe(0);
  for (const reference of [copied, `${target.host}/production/beta:v1.0.0`])
    expect((await run(['verify', reference, ...identity(), ...trust])).code, reference).toBe(0);
});

test('services that refuse, redirect or answer wrongly store nothing, and no token is shown', async () => {
  await using given = await setUp();
  const { authority, config, services, registry } = given;
  const environment = { SIGSTORE_ID_TOKEN: authority.token(workflow) };
  const signing = ['sign', 'alpha', ...config, '--keyless', ...services, '--debug', '--verbose'];
  const refused = async (env: Record<string, string> = environment) => {
    registry.seen.length = 0;
    const ran = await run(signing, env);
    const error = ran.document.error ?? ran.document.bundles[0].error;
    expect([ran.code, error.code]).toEqual([10, 'SIGSTORE_FAILED']);
    expect(registry.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
    for (const text of [ran.stdout, ran.stderr])
      for (const secret of [...Object.values(env), 'request-token-of-this-job'])
        if (secret.length > 12 && !secret.startsWith('http')) expect(text).not.toContain(secret);
    return error;
  };
  // The service repeats the token in its message.
  const unknown = authority.token('x').replace(/.$/, 'A');
  expect((await refused({ SIGSTORE_ID_TOKEN: unknown })).details).toMatchObject({
    service: 'Fulcio',
    status: 401,
  });
  const github = { ...authority.github(workflow), ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'another-token-of-a-job' };
  expect((await refused(github)).details.service).toBe("GitHub's token service");
  const { faults } = authority;
  faults.otherEntry = true;
  expect((await refused()).message).toContain('does not verify');
  faults.otherEntry = false;
  faults.expiredMinutes = 30;
  expect((await refused()).message).toContain('does not verify');
  delete faults.expiredMinutes;
  faults.forServers = true;
  expect((await refused()).message).toContain('does not verify');
});

/** A server that writes down whatever comes, head and body. */
async function startListener() {
  const heard: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    heard.push(`${request.method} ${request.url} ${request.rawHeaders.join(' ')} ${Buffer.concat(chunks)}`);
    response.writeHead(404).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { host, heard, [Symbol.asyncDispose]: close };
}

test('no file of a pull request sends a token anywhere: not a key of signing, a registry, a mirror or a redirect', async () => {
  await using listener = await startListener();
  await using given = await setUp();
  const { authority, project, config, services, root } = given;
  const token = authority.token(workflow);
  const environment = { ...authority.github(workflow), SIGSTORE_ID_TOKEN: token };
  const original = readFileSync(project.config, 'utf8');
  const evil = `http://${listener.host}`;
  for (const key of [
    'fulcio',
    'fulcioUrl',
    'rekor',
    'tsa',
    'oidc',
    'identityToken',
    'trustedRoot',
    'identity',
  ]) {
    project.write('bundles.yaml', `${original}\nsigning: {${key}: "${evil}"}\n`);
    const ran = await run(['sign', ...config, '--keyless', ...services], environment);
    expect([ran.code, ran.document.error?.code], key).toEqual([2, 'CONFIG_INVALID']);
  }
  // Files that other programs would read.
  project.write('.npmrc', `proxy=${evil}\n`);
  project.write('.env', `BUNDLES_FULCIO_URL=${evil}\nSIGSTORE_ID_TOKEN=x\n`);
  // Settings of the very host that gets the token.
  const host = new URL(authority.url).host;
  project.write(
    'bundles.yaml',
    `${original}\nregistries: {"${host}": {mirrors: ["${listener.host}/acme"]}}\n`,
  );
  const mirrored = await run(['sign', ...config, '--keyless', ...services], environment);
  expect([mirrored.code, mirrored.document.error?.code ?? null]).toEqual([0, null]);
  expect(listener.heard).toEqual([]);
  // Fulcio itself would send it on.
  project.write('bundles.yaml', original);
  authority.faults.redirectTo = `${evil}/api/v2/signingCert`;
  const redirected = await run(['sign', ...config, '--keyless', ...services], environment);
  expect(redirected.document.error).toMatchObject({ code: 'SIGSTORE_FAILED', details: { status: 307 } });
  delete authority.faults.redirectTo;
  expect(listener.heard).toEqual([]);
  // A registry of the pull request's choice is asked for its bundles, and hears of no token.
  project.write('bundles.yaml', original.replaceAll(/127\.0\.0\.1:\d+/g, listener.host));
  const lock = readFileSync(join(project.directory, 'bundles.lock'), 'utf8');
  project.write('bundles.lock', lock.replaceAll(/127\.0\.0\.1:\d+/g, listener.host));
  const asked = await run(['sign', ...config, '--keyless', ...services], environment);
  expect(asked.code).toBe(6);
  const ensured = await run(['ensure', ...config, '--sign', '--keyless', ...services], environment);
  expect(ensured.document.bundles).toMatchObject([{ outcome: 'fallback' }, { outcome: 'fallback' }]);
  expect(listener.heard.length).toBeGreaterThan(0);
  for (const text of listener.heard)
    for (const secret of [token, 'request-token-of-this-job']) expect(text).not.toContain(secret);
  expect((await run(['verify', 'alpha', ...config, '--trusted-root', root, ...identity()])).code).not.toBe(0);
});

test('the program as it is installed signs without a key and verifies', async () => {
  await using given = await setUp();
  const { authority, config, services, root } = given;
  const env = authority.github(workflow);
  const ensured = await runCli(
    ['ensure', 'alpha', ...config, '--sign', '--keyless', ...services, '-o', 'json'],
    { env },
  );
  expect([ensured.code, JSON.parse(ensured.stdout).bundles[0].signature.action]).toEqual([0, 'signed']);
  const signed = await runCli(['sign', ...config, '--keyless', ...services, '-o', 'json'], { env });
  expect([signed.code, signed.stderr]).toEqual([0, '']);
  expect(JSON.parse(signed.stdout).summary).toMatchObject({ signed: 1, held: 1 });
  const verified = await runCli(['verify', ...config, ...identity(), '--trusted-root', root]);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
});
