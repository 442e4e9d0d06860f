import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../support/network/certificates.js';
import { listen } from '../support/network/listen.js';
import { credentials, runInProcess, runJson } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const users = { robot: { password: 'sesame-word', may: 'push' } } as const;

/** A proxy that takes every host for `target`, by CONNECT and by whole addresses. */
async function startProxy(target: () => number, password?: string) {
  const seen: string[] = [];
  const admits = (request: IncomingMessage) => {
    seen.push(`${request.method} ${request.url}`);
    const wanted = password && `Basic ${Buffer.from(password).toString('base64')}`;
    return !wanted || request.headers['proxy-authorization'] === wanted;
  };
  const server = createServer(async (request, response) => {
    if (!admits(request)) return void response.writeHead(407).end();
    const { pathname, search } = new URL(request.url ?? '');
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (!/^(?:host|connection|content-length|proxy-.*)$/.test(name)) headers.set(name, String(value));
    }
    const answer = await fetch(`http://127.0.0.1:${target()}${pathname}${search}`, {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const given = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'connection'));
    response.writeHead(answer.status, given).end(bytes);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    if (!admits(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const inner = connect(target(), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      inner.pipe(socket).pipe(inner);
    });
    inner.on('error', () => socket.destroy());
  });
  return { port: await listen(server), seen };
}

/** TLS in front of a registry, with a self-signed certificate for localhost. */
async function startTls(registry: GuardedRegistry, { client = false } = {}) {
  const pair = selfSigned();
  const wanted = client ? { requestCert: true, ca: pair.cert } : {};
  const seen: string[] = [];
  const server = createHttpsServer({ ...pair, ...wanted }, async (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (!/^(?:host|connection|content-length)$/.test(name)) headers.set(name, String(value));
    }
    const answer = await fetch(`http://${registry.host}${request.url}`, {
      method: request.method ?? 'GET',
      headers,
      ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
    });
    const given = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'connection'));
    response.writeHead(answer.status, given).end(Buffer.from(await answer.arrayBuffer()));
  });
  server.on('tlsClientError', () => undefined);
  const directory = tempDir();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const ca = join(directory.path, 'ca.pem');
  const key = join(directory.path, 'key.pem');
  writeFileSync(ca, pair.cert);
  writeFileSync(key, pair.key);
  return { host: `localhost:${await listen(server)}`, ca, key, cert: pair.cert, seen };
}

test('ensure publishes through a proxy to a host that only the proxy finds', async () => {
  await using registry = await startGuardedRegistry();
  const proxy = await startProxy(() => Number(registry.host.split(':')[1]), 'me:proxy-s3cret');
  await using project = sampleProject({ repository: 'registry.test/acme' });
  const words = ['ensure', '--config', project.config, '--plain-http', 'registry.test', '--no-fallback'];
  const address = (password: string) => `http://me:${password}@127.0.0.1:${proxy.port}`;
  const run = (password: string) =>
    runJson([...words, '--verbose'], { environment: { http_proxy: address(password) } });
  const good = await run('proxy-s3cret');
  expect(good.bundle).toMatchObject({ outcome: 'published', verdict: 'absent' });
  expect(proxy.seen[0]).toBe('GET http://registry.test/v2/acme/alpha/manifests/v1.0.0');
  expect(registry.seen.length).toBe(proxy.seen.length);
  expect(good.stdout + good.stderr).not.toContain('s3cret');
  const wrong = await run('other-s3cret');
  expect([wrong.code, wrong.bundle.verdict, wrong.bundle.reason]).toEqual([6, 'unreachable', 'proxy']);
  expect(wrong.stdout + wrong.stderr).not.toContain('s3cret');
});

test('https goes through a tunnel, and a proxy’s refusal has its own reason', async () => {
  await using registry = await startGuardedRegistry();
  const tls = await startTls(registry);
  const port = Number(tls.host.split(':')[1]);
  const proxy = await startProxy(() => port, 'me:proxy-s3cret');
  const reference = `registry.test:${port}/acme/x:v1`;
  const run = (password: string, ...more: string[]) =>
    runInProcess(['list', reference, ...more], {
      environment: { HTTPS_PROXY: `http://me:${password}@127.0.0.1:${proxy.port}` },
    });
  const refused = await run('wrong-s3cret', '-o', 'json');
  expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('refused, it answered 407')]);
  expect(refused.stdout + refused.stderr).not.toContain('s3cret');
  const untrusted = await run('proxy-s3cret', '--ca-file', tls.ca);
  expect(untrusted.stderr).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  const open = await run('proxy-s3cret', '--insecure-skip-tls-verify', `registry.test:${port}`);
  expect(open.code).toBe(3);
  expect(proxy.seen.at(-1)).toBe(`CONNECT registry.test:${port}`);
});

test('a private authority: unknown, named by a flag, named by the project, or not looked at', async () => {
  await using registry = await startGuardedRegistry();
  const tls = await startTls(registry);
  const at = async (settings: string[], ...flags: string[]) => {
    await using project = sampleProject({ repository: `${tls.host}/acme`, settings });
    project.write('certs/ca.pem', tls.cert);
    return await runJson(['check', '--config', project.config, ...flags]);
  };
  const unknown = await at([]);
  expect([unknown.bundle.verdict, unknown.bundle.reason]).toEqual(['unreachable', 'tls-unknown-ca']);
  expect((await at([], '--ca-file', tls.ca)).bundle.verdict).toBe('absent');
  expect((await at([`registries: {"${tls.host}": {caFile: certs/ca.pem}}`])).bundle.verdict).toBe('absent');
  const loud = await at([], '--quiet', '--insecure-skip-tls-verify', tls.host);
  expect(loud.bundle.verdict).toBe('absent');
  expect(loud.stderr).toContain(`warning: the certificate of ${tls.host} is NOT checked`);
  const declared = await at([`registries: {"${tls.host}": {insecureSkipTlsVerify: true}}`]);
  expect(declared.stderr).toContain('is NOT checked (insecureSkipTlsVerify)');
  const other = await at([], '--insecure-skip-tls-verify', 'localhost:1');
  expect(other.bundle.reason).toBe('tls-unknown-ca');
});

test('NODE_EXTRA_CA_CERTS counts beside --ca-file', async () => {
  await using registry = await startGuardedRegistry();
  const [one, other] = [await startTls(registry), await startTls(registry)];
  const list = (host: string, environment: Record<string, string>) =>
    runInProcess(['list', `${host}/acme/x:v1`, '--ca-file', one.ca], { environment });
  expect((await list(one.host, {})).code).toBe(3);
  expect((await list(other.host, {})).code).toBe(6);
  expect((await list(other.host, { NODE_EXTRA_CA_CERTS: other.ca })).code).toBe(3);
  expect((await list(one.host, { NODE_EXTRA_CA_CERTS: 'absent.pem' })).code).toBe(3);
});

test('a client certificate lets in who has one', async () => {
  await using registry = await startGuardedRegistry();
  const tls = await startTls(registry, { client: true });
  const words = ['list', `${tls.host}/acme/x:v1`, '--ca-file', tls.ca];
  const stranger = await runInProcess([...words, '--timeout', '2']);
  expect(stranger.code).toBe(6);
  expect(tls.seen).toEqual([]);
  const known = await runInProcess([...words, '--cert-file', tls.ca, '--key-file', tls.key]);
  expect(known.code).toBe(3);
  expect(tls.seen.length).toBeGreaterThan(0);
});

test('a mirror serves what is read by digest; tags, pushes and absence are the registry’s own', async () => {
  await using origin = await startGuardedRegistry({ anonymous: 'nothing', users });
  await using mirror = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${origin.host}/acme` });
  const environment = credentials(origin.host, 'robot', 'sesame-word');
  await runJson(['ensure', '--config', project.config], { environment });
  const copied = await runJson(
    ['ensure', '--config', project.config, '--repository', `${mirror.host}/cache/acme`, '--tag', 'v1.0.0'],
    {},
  );
  expect(copied.bundle.outcome).toBe('published');
  const settings = [`registries: {"${origin.host}": {mirrors: ["${mirror.host}/cache"]}}`];
  await using reader = sampleProject({ repository: `${origin.host}/acme`, settings });
  reader.write(
    'pipelines/alpha.yaml',
    'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: workflow}\nspec: {params: [{name: A, default: b, description: c}], tasks: []}\n',
  );
  origin.seen.length = 0;
  mirror.seen.length = 0;
  const { bundle } = await runJson(['check', '--config', reader.config], { environment });
  expect(bundle.verdict).toBe('different');
  expect(origin.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v2/acme/alpha/manifests/v1.0.0',
    'GET /token',
    'GET /v2/acme/alpha/manifests/v1.0.0',
  ]);
  expect(mirror.seen.length).toBeGreaterThan(0);
  expect(mirror.seen.every(({ method, authorized }) => method === 'GET' && !authorized)).toBe(true);
  mirror.intercept = () => new Response('out of order', { status: 500 });
  expect((await runJson(['check', '--config', reader.config], { environment })).bundle.verdict).toBe(
    'different',
  );
});

test('what CI gives is used only when asked for, and --verbose names its source alone', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing', users });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const environment = {
    CI_REGISTRY: registry.host,
    CI_REGISTRY_USER: 'robot',
    CI_REGISTRY_PASSWORD: 'sesame-word',
  };
  const words = ['ensure', '--config', project.config, '--verbose'];
  const without = await runJson(words, { environment });
  expect([without.bundle.verdict, without.bundle.outcome]).toEqual(['denied', 'fallback']);
  expect(without.stderr).toContain(`${registry.host}: no credential found, sending anonymous requests`);
  const used = await runJson([...words, '--ci-credentials'], { environment });
  expect(used.bundle.outcome).toBe('published');
  expect(used.stderr).toContain(`${registry.host}: using the credential of CI_REGISTRY_PASSWORD`);
  expect(used.stderr).toMatch(/^requests: \d+ made, 0 of them repeated, \d+ saved$/m);
  expect(used.stderr + used.stdout).not.toContain('sesame');
});

test('--max-requests stops the whole run before one request more', async () => {
  await using registry = await startGuardedRegistry();
  const bundles = Array.from({ length: 12 }, (_, index) => `b${index}`);
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles });
  const ran = await runInProcess(['check', '--config', project.config, '--max-requests', '5']);
  expect(ran.code).toBe(6);
  expect(ran.stderr).toContain(
    'error[REQUEST_LIMIT]: Cannot send another request: no more than 5 are allowed',
  );
  expect(registry.seen.length).toBeLessThanOrEqual(5);
  const enough = await runInProcess(['check', '--config', project.config, '--max-requests', '50']);
  expect(enough.code).toBe(3);
});

test('--timeout ends the wait for a host that is silent', async () => {
  const port = await listen(createServer(() => undefined));
  const started = performance.now();
  const ran = await runInProcess(['list', `127.0.0.1:${port}/acme/x:v1`, '--timeout', '0.5']);
  expect([ran.code, ran.stderr]).toEqual([6, expect.stringContaining('REGISTRY_UNREACHABLE')]);
  // By default it waits for 40 s.
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('--timeout is also the patience with a host before falling back', async () => {
  let waitMs = 2_800;
  const absent = '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}';
  const server = createServer((_request, response) => {
    setTimeout(
      () => void response.writeHead(404, { 'content-type': 'application/json' }).end(absent),
      waitMs,
    );
    waitMs = 0;
  });
  const repository = `127.0.0.1:${await listen(server)}/acme`;
  await using project = sampleProject({ repository, settings: ['publish: never'] });
  const words = ['check', '--config', project.config, '--timeout', '30'];
  expect((await runJson(words)).bundle.verdict).toBe('absent');
  waitMs = 2_800;
  expect((await runJson(words.slice(0, 3))).bundle).toMatchObject({
    verdict: 'unreachable',
    reason: 'timeout',
  });
});

test.each([
  [['--plain-http', 'http://quay.io'], 'error[USAGE]'],
  [['--insecure-skip-tls-verify', 'quay.io/acme'], 'error[USAGE]'],
  [['--ca-file', 'absent.pem'], 'error[USAGE]'],
  [['--ca-file', 'package.json'], 'contains no certificate'],
  [['--cert-file', 'package.json'], 'the other one is missing'],
  [['--cert-file', 'package.json', '--key-file', 'package.json'], 'do not fit'],
  [['--timeout', '0'], 'wanted seconds'],
  [['--timeout', 'soon'], 'wanted seconds'],
  [['--connect-timeout', '1e9'], 'wanted seconds'],
  [['--max-requests', '0'], 'wanted a whole number'],
  [['--max-requests', '1.5'], 'wanted a whole number'],
])('%j is refused before any request', async (words, wanted) => {
  const ran = await runInProcess(['list', 'quay.io/acme/x:v1', ...words]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(wanted)]);
});

test('a proxy that cannot be used is refused by the name of its variable', async () => {
  const environment = { HTTPS_PROXY: 'socks5://me:proxy-s3cret@proxy.example' };
  const ran = await runInProcess(['list', 'quay.io/acme/x:v1'], { environment });
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('the proxy of HTTPS_PROXY')]);
  expect(ran.stderr).not.toContain('s3cret');
});

test('projects that disagree about a registry do not run together', async () => {
  await using one = sampleProject({
    repository: 'quay.io/a',
    settings: ['registries: {quay.io: {plainHttp: true}}'],
  });
  await using other = sampleProject({ repository: 'quay.io/b', settings: ['registries: {quay.io: {}}'] });
  const ran = await runInProcess(['check', '--config', one.config, '--config', other.config]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[CONFIG_INVALID]')]);
});
