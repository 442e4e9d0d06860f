import { expect, test } from 'vitest';
import { createJumpingClock } from '../../test/support/clocks/jumping-clock.js';
import { pushParts, sha256, talkTo } from '../../test/support/registry/registry-requests.js';
import { mediaTypes } from '../oci/media-types.js';
import { type StartFaultyRegistryOptions, startFaultyRegistry } from './faulty-registry.js';
import { createQuay, type QuayOptions } from './quay.js';

const users = {
  'acme+robot': { password: 's3cret', may: 'push' },
  reader: { password: 's3cret', may: 'pull' },
  stranger: { password: 's3cret', may: 'nothing' },
} as const;
type User = keyof typeof users;

const basic = (user: string, password = 's3cret') =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const everything = Object.values(mediaTypes).join(', ');
const notJson = 'text/html; charset=utf-8';
const page = (answer: Answer) => answer.headers.get('content-type');

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A Quay on sockets. */
async function start(quay: QuayOptions = {}, options: StartFaultyRegistryOptions = {}) {
  const registry = await startFaultyRegistry({ profile: createQuay(quay), users, ...options });
  const { host, url } = registry;
  const send = async (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Answer> => {
    const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const ask = (scopes: readonly string[], user?: string) =>
    send(
      'GET',
      `/v2/auth?service=${host}${scopes.map((scope) => `&scope=${scope}`).join('')}`,
      user === undefined ? {} : { authorization: basic(user) },
    );
  const bearer = async (user: User | undefined, ...scopes: readonly string[]) => {
    const { token } = JSON.parse((await ask(scopes, user)).text) as { token: string };
    return { authorization: `Bearer ${token}` };
  };
  /** Content as a push of the robot leaves it, in the repository `acme/hello` unless another is named. */
  const push = async (tag: string, layer = 'layer', repository = 'acme/hello') => {
    const headers = await bearer('acme+robot', `repository:${repository}:pull,push`);
    const parts = await pushParts(talkTo(registry.content, url), repository, { layer });
    const docker = { ...parts, mediaType: mediaTypes.dockerManifest };
    const body = JSON.stringify(docker);
    const put = await send(
      'PUT',
      `/v2/${repository}/manifests/${tag}`,
      { ...headers, 'content-type': docker.mediaType },
      body,
    );
    expect(put.status).toBe(201);
    return sha256(body);
  };
  const head = (tagOrDigest: string, headers: Record<string, string> = {}) =>
    send('HEAD', `/v2/acme/hello/manifests/${tagOrDigest}`, { accept: everything, ...headers });
  const get = (tagOrDigest: string, headers: Record<string, string> = {}) =>
    send('GET', `/v2/acme/hello/manifests/${tagOrDigest}`, { accept: everything, ...headers });
  return { registry, host, url, send, ask, bearer, push, head, get, [Symbol.asyncDispose]: registry.stop };
}

const public_ = { repositories: ['acme/hello'] };
const codeIn = ({ text }: Answer) => (JSON.parse(text) as { errors: { code: string }[] }).errors[0]?.code;
const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly iat: number;
    readonly exp: number;
    readonly access: readonly { readonly name: string; readonly actions: readonly string[] }[];
  };
const tokenIn = ({ text }: Answer) => (JSON.parse(text) as { token: string }).token;

test('GET /v2/ without a token is a page with status 401 and a Bearer challenge', async () => {
  await using quay = await start();
  const answer = await quay.send('GET', '/v2/');
  expect([answer.status, page(answer), answer.text]).toEqual([401, notJson, 'true']);
  expect(answer.headers.get('www-authenticate')).toBe(
    `Bearer realm="${quay.url}/v2/auth",service="${quay.host}"`,
  );
});

test('GET /v2/ with a token is a page with status 200 that names the version of the API', async () => {
  await using quay = await start();
  const answer = await quay.send('GET', '/v2/', await quay.bearer('acme+robot'));
  expect([answer.status, page(answer), answer.text]).toEqual([200, notJson, 'true']);
  expect(answer.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
});

test('anonymous clients read a public repository without a token, and an absent tag is a 404', async () => {
  await using quay = await start({}, public_);
  const absent = await quay.get('v1');
  expect([absent.status, codeIn(absent), absent.headers.get('www-authenticate')]).toEqual([
    404,
    'MANIFEST_UNKNOWN',
    null,
  ]);
  const digest = await quay.push('v1');
  const there = await quay.head('v1');
  expect([there.status, there.headers.get('docker-content-digest')]).toEqual([200, digest]);
});

test('a missing repository is a 401, anonymously and with a valid token', async () => {
  await using quay = await start();
  const scope = 'repository:acme/hello:pull';
  for (const headers of [{}, await quay.bearer(undefined, scope), await quay.bearer('acme+robot', scope)]) {
    const answer = await quay.get('v1', headers);
    expect([answer.status, codeIn(answer)]).toEqual([401, 'UNAUTHORIZED']);
    expect(answer.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
  }
});

test('a manifest that is not there lacks the API-version header', async () => {
  await using quay = await start({}, public_);
  expect((await quay.head('v1')).headers.get('docker-distribution-api-version')).toBeNull();
});

test('a digest answers only as long as a live tag holds it', async () => {
  await using quay = await start({}, public_);
  const old = await quay.push('v1', 'old');
  expect((await quay.head(old)).status).toBe(200);
  const young = await quay.push('v1', 'young');
  const gone = await quay.get(old);
  expect([gone.status, codeIn(gone), (await quay.head(young)).status]).toEqual([
    404,
    'MANIFEST_UNKNOWN',
    200,
  ]);
  await quay.push('v2', 'old');
  expect((await quay.head(old)).status).toBe(200);
});

test('a hidden temporary tag may keep a digest for a while', async () => {
  const clock = createJumpingClock();
  await using quay = await start({ keepsUntaggedMs: 300_000 }, { ...public_, clock });
  const old = await quay.push('v1', 'old');
  await quay.push('v1', 'young');
  await clock.sleep(299_999);
  expect((await quay.head(old)).status).toBe(200);
  await clock.sleep(1);
  expect((await quay.head(old)).status).toBe(404);
});

test('a manifest that an index under a tag lists is alive', async () => {
  await using quay = await start({}, public_);
  const digest = await quay.push('v1');
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  const entry = {
    mediaType: mediaTypes.dockerManifest,
    digest,
    size: Number((await quay.head('v1')).headers.get('content-length')),
  };
  const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] });
  const put = await quay.send(
    'PUT',
    '/v2/acme/hello/manifests/all',
    { ...headers, 'content-type': mediaTypes.ociIndex },
    index,
  );
  expect(put.status).toBe(201);
  expect((await quay.send('DELETE', '/v2/acme/hello/manifests/v1', headers)).status).toBe(202);
  expect((await quay.head(digest)).status).toBe(200);
});

test('DELETE of a digest that no live tag names is a 404', async () => {
  await using quay = await start({}, public_);
  const digest = await quay.push('v1', 'old');
  await quay.push('v1', 'young');
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  expect((await quay.send('DELETE', `/v2/acme/hello/manifests/${digest}`, headers)).status).toBe(404);
});

test('a deleted tag has expired, and is back when it is pushed again', async () => {
  await using quay = await start({}, public_);
  const digest = await quay.push('v1');
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  expect((await quay.send('DELETE', `/v2/acme/hello/manifests/${digest}`, headers)).status).toBe(202);
  const gone = await quay.get('v1');
  expect([gone.status, codeIn(gone), (await quay.head(digest)).status]).toEqual([404, 'TAG_EXPIRED', 404]);
  await quay.push('v1');
  expect((await quay.head('v1')).status).toBe(200);
  expect((await quay.send('DELETE', '/v2/acme/hello/manifests/v1', headers)).status).toBe(202);
  expect(codeIn(await quay.get('v1'))).toBe('TAG_EXPIRED');
});

test('a tag whose time has passed has expired, and is no longer listed', async () => {
  const clock = createJumpingClock();
  await using quay = await start({ tagLifetimeMs: 60_000 }, { ...public_, clock });
  const digest = await quay.push('v1');
  await clock.sleep(30_000);
  await quay.push('v2');
  await clock.sleep(30_000);
  expect(codeIn(await quay.get('v1'))).toBe('TAG_EXPIRED');
  expect((await quay.head(digest)).status).toBe(200);
  const list = await quay.send('GET', '/v2/acme/hello/tags/list');
  expect(JSON.parse(list.text)).toEqual({ name: 'acme/hello', tags: ['v2'] });
  await clock.sleep(30_000);
  expect((await quay.head(digest)).status).toBe(404);
});

test('referrers of an unknown digest are 400 MANIFEST_INVALID, of a known one a list', async () => {
  await using quay = await start({}, public_);
  const unknown = await quay.send('GET', `/v2/acme/hello/referrers/sha256:${'0'.repeat(64)}`);
  expect([unknown.status, codeIn(unknown)]).toEqual([400, 'MANIFEST_INVALID']);
  const digest = await quay.push('v1');
  const known = await quay.send('GET', `/v2/acme/hello/referrers/${digest}`);
  expect([known.status, JSON.parse(known.text)]).toMatchObject([200, { manifests: [] }]);
});

test('PUT of a manifest with a subject sends no OCI-Subject header', async () => {
  await using quay = await start({}, public_);
  const digest = await quay.push('v1');
  const size = Number((await quay.head('v1')).headers.get('content-length'));
  const subject = { mediaType: mediaTypes.dockerManifest, digest, size };
  const parts = await pushParts(talkTo(quay.registry.content, quay.url), 'acme/hello', { subject });
  const headers = {
    ...(await quay.bearer('acme+robot', 'repository:acme/hello:pull,push')),
    'content-type': mediaTypes.ociManifest,
  };
  const body = JSON.stringify(parts);
  const put = await quay.send('PUT', `/v2/acme/hello/manifests/${sha256(body)}`, headers, body);
  expect([put.status, put.headers.get('oci-subject')]).toEqual([201, null]);
  const listed = await quay.send('GET', `/v2/acme/hello/referrers/${digest}`);
  expect(JSON.parse(listed.text)).toMatchObject({ manifests: [{ digest: sha256(body) }] });
});

test("a client that does not accept Docker's type gets schema 1, of another digest", async () => {
  await using quay = await start({}, public_);
  const digest = await quay.push('v1');
  const converted = await quay.head('v1', { accept: mediaTypes.ociManifest });
  expect(converted.status).toBe(200);
  expect(converted.headers.get('content-type')).toContain('manifest.v1+prettyjws');
  expect(converted.headers.get('docker-content-digest')).not.toBe(digest);
  const body = await quay.get('v1', { accept: '*/*' });
  expect(sha256(body.text)).toBe(converted.headers.get('docker-content-digest'));
  expect((await quay.head(digest, { accept: '*/*' })).headers.get('docker-content-digest')).toBe(digest);
});

test('an OCI manifest cannot be converted, and is a 404 to a client that does not accept it', async () => {
  await using quay = await start({}, public_);
  const parts = await pushParts(talkTo(quay.registry.content, quay.url), 'acme/hello');
  await talkTo(quay.registry.content, quay.url).pushManifest('acme/hello', 'oci', parts);
  const refused = await quay.get('oci', { accept: mediaTypes.dockerManifest });
  expect([refused.status, codeIn(refused)]).toEqual([404, 'MANIFEST_UNKNOWN']);
  expect((await quay.get('oci')).status).toBe(200);
});

test('a malformed bearer is a page with status 401', async () => {
  await using quay = await start({}, public_);
  for (const authorization of ['Bearer rubbish', basic('acme+robot')]) {
    for (const path of ['/v2/', '/v2/acme/hello/manifests/v1']) {
      const answer = await quay.send('GET', path, { authorization });
      expect([answer.status, page(answer)]).toEqual([401, notJson]);
      expect(JSON.parse(answer.text)).toEqual({ error: 'Invalid bearer token format' });
    }
  }
});

test('a wrong password is a 401 with a challenge, and the text differs for robots and users', async () => {
  await using quay = await start();
  const messages: (string | undefined)[] = [];
  for (const user of ['acme+robot', 'reader']) {
    const headers = { authorization: basic(user, 'wrong') };
    const answer = await quay.send('GET', '/v2/auth?scope=repository:acme/hello:pull', headers);
    expect([answer.status, codeIn(answer)]).toEqual([401, 'UNAUTHORIZED']);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
    messages.push((JSON.parse(answer.text) as { errors: { message: string }[] }).errors[0]?.message);
  }
  expect(new Set(messages).size).toBe(2);
});

test('a token without rights shows it, and two tokens never compare equal', async () => {
  await using quay = await start();
  const scope = 'repository:acme/hello:pull';
  const [one, other] = [await quay.ask([scope], 'stranger'), await quay.ask([scope], 'stranger')];
  expect([one.status, other.status]).toEqual([200, 200]);
  expect(tokenIn(one)).not.toBe(tokenIn(other));
  expect(claimsIn(tokenIn(one))).toMatchObject({
    access: [{ type: 'repository', name: 'acme/hello', actions: [] }],
  });
  expect(JSON.parse(one.text)).not.toHaveProperty('expires_in');
  expect(claimsIn(tokenIn(one)).exp - claimsIn(tokenIn(one)).iat).toBe(3600);
});

test('repeated scopes are granted in one token, an entry each', async () => {
  await using quay = await start({}, { repositories: ['acme/one', 'acme/two'] });
  const scopes = ['repository:acme/one:pull', 'repository:acme/none:pull', 'repository:acme/two:pull'];
  const answer = await quay.ask(scopes, 'reader');
  expect(claimsIn(tokenIn(answer)).access.map(({ name, actions }) => [name, actions])).toEqual([
    ['acme/one', ['pull']],
    ['acme/none', []],
    ['acme/two', ['pull']],
  ]);
  const headers = { authorization: `Bearer ${tokenIn(answer)}` };
  const status = async (name: string) =>
    (await quay.send('GET', `/v2/acme/${name}/tags/list`, headers)).status;
  expect(await status('none')).toBe(401);
});

test('a malformed scope spoils the whole request, and none at all is for accounts only', async () => {
  await using quay = await start({}, public_);
  const spoilt = await quay.ask(['repository:acme/hello:pull', 'repository:acme/hello:delete'], 'reader');
  expect([spoilt.status, codeIn(spoilt)]).toEqual([400, 'INVALID_REQUEST']);
  expect((await quay.ask([])).status).toBe(401);
  expect(claimsIn(tokenIn(await quay.ask([], 'reader'))).access).toEqual([]);
});

test('a token to push creates the missing repository, private', async () => {
  await using quay = await start();
  await quay.push('v1');
  expect((await quay.head('v1')).status).toBe(401);
  expect((await quay.head('v1', await quay.bearer(undefined, 'repository:acme/hello:pull'))).status).toBe(
    401,
  );
  expect((await quay.head('v1', await quay.bearer('reader', 'repository:acme/hello:pull'))).status).toBe(200);
});

test('a token to push gives no right to an account that may only read, and creates nothing', async () => {
  await using quay = await start();
  const answer = await quay.ask(['repository:acme/hello:pull,push'], 'reader');
  expect(claimsIn(tokenIn(answer)).access).toMatchObject([{ actions: [] }]);
  const headers = { authorization: `Bearer ${tokenIn(answer)}` };
  const post = await quay.send('POST', '/v2/acme/hello/blobs/uploads/', headers);
  expect([post.status, codeIn(post)]).toEqual([401, 'UNAUTHORIZED']);
  expect(post.headers.get('www-authenticate')).toContain('pull,push');
});

test('a POST of a blob to a public repository without a token is a 401', async () => {
  await using quay = await start({}, public_);
  expect((await quay.send('POST', '/v2/acme/hello/blobs/uploads/')).status).toBe(401);
});

test('a single POST with a wrong digest is BLOB_UPLOAD_INVALID', async () => {
  await using quay = await start({}, public_);
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  const path = `/v2/acme/hello/blobs/uploads/?digest=${sha256('other')}`;
  const post = await quay.send(
    'POST',
    path,
    { ...headers, 'content-type': 'application/octet-stream' },
    'text',
  );
  expect([post.status, codeIn(post)]).toEqual([400, 'BLOB_UPLOAD_INVALID']);
});

test('the location of an upload is absolute', async () => {
  await using quay = await start({}, public_);
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  const post = await quay.send('POST', '/v2/acme/hello/blobs/uploads/', headers);
  expect(post.status).toBe(202);
  expect(post.headers.get('location')).toMatch(new RegExp(`^${quay.url}/v2/acme/hello/blobs/uploads/`));
});

test('a manifest with an unknown config names no digest, one with an unknown layer does', async () => {
  await using quay = await start({}, public_);
  const parts = await pushParts(talkTo(quay.registry.content, quay.url), 'acme/hello');
  const headers = {
    ...(await quay.bearer('acme+robot', 'repository:acme/hello:pull,push')),
    'content-type': mediaTypes.ociManifest,
  };
  const put = (manifest: object) =>
    quay.send('PUT', '/v2/acme/hello/manifests/v1', headers, JSON.stringify(manifest));
  const unknown = { ...parts.config, digest: sha256('unknown') };
  const [config, layer] = [
    await put({ ...parts, config: unknown }),
    await put({ ...parts, layers: [{ ...parts.layers[0], digest: sha256('unknown') }] }),
  ];
  expect([config.status, codeIn(config), layer.status, codeIn(layer)]).toEqual([
    ...[400, 'MANIFEST_INVALID'],
    ...[400, 'MANIFEST_INVALID'],
  ]);
  expect(config.text).toContain('Could not load config blob for manifest');
  expect(config.text).not.toContain('sha256:');
  expect(layer.text).toContain(sha256('unknown'));
});

test('_catalog is there', async () => {
  await using quay = await start({}, public_);
  expect((await quay.send('GET', '/v2/_catalog')).status).toBe(200);
  const known = await quay.send('GET', '/v2/_catalog', await quay.bearer('reader'));
  expect(JSON.parse(known.text)).toEqual({ repositories: ['acme/hello'] });
});

test('a read-only registry refuses a token to push into a missing repository with 405', async () => {
  await using quay = await start({ readOnly: true });
  const answer = await quay.ask(['repository:acme/hello:pull,push'], 'acme+robot');
  expect([answer.status, codeIn(answer)]).toEqual([405, 'DENIED']);
  expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ is_readonly: true }] });
  expect(answer.text).toContain('System is currently read-only');
});

test('a read-only registry refuses the upload where the repository is there', async () => {
  await using quay = await start({ readOnly: true }, public_);
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  expect((await quay.get('v1', headers)).status).toBe(404);
  const post = await quay.send('POST', '/v2/acme/hello/blobs/uploads/', headers);
  expect([post.status, codeIn(post)]).toEqual([405, 'DENIED']);
});

test('over its quota a namespace refuses an upload with 403', async () => {
  await using quay = await start({ quotaExceeded: true }, public_);
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  const post = await quay.send('POST', '/v2/acme/hello/blobs/uploads/', headers);
  expect([post.status, codeIn(post)]).toEqual([403, 'DENIED']);
  expect(post.text).toContain('Quota has been exceeded on namespace');
});

test('a media type with parameters is a 415, a blob cannot be deleted, and a mount that misses is a 202', async () => {
  await using quay = await start({}, public_);
  const headers = await quay.bearer('acme+robot', 'repository:acme/hello:pull,push');
  const type = `${mediaTypes.dockerManifest}; charset=utf-8`;
  const put = await quay.send(
    'PUT',
    '/v2/acme/hello/manifests/v1',
    { ...headers, 'content-type': type },
    '{}',
  );
  expect([put.status, codeIn(put)]).toEqual([415, 'MANIFEST_INVALID']);
  const blob = await quay.send('DELETE', `/v2/acme/hello/blobs/${sha256('{}')}`, headers);
  expect([blob.status, codeIn(blob)]).toEqual([405, 'UNSUPPORTED']);
  const mount = `/v2/acme/hello/blobs/uploads/?mount=${sha256('none')}&from=acme/other`;
  expect((await quay.send('POST', mount, headers)).status).toBe(202);
});

test('an immutable tag is a 409', async () => {
  await using quay = await start({}, { ...public_, immutableTags: true });
  await quay.push('v1');
  const parts = await pushParts(talkTo(quay.registry.content, quay.url), 'acme/hello', { layer: 'other' });
  const headers = {
    ...(await quay.bearer('acme+robot', 'repository:acme/hello:pull,push')),
    'content-type': mediaTypes.ociManifest,
  };
  const put = await quay.send('PUT', '/v2/acme/hello/manifests/v1', headers, JSON.stringify(parts));
  expect([put.status, codeIn(put)]).toEqual([409, 'TAG_IMMUTABLE']);
});

test('too many requests are a page without Retry-After', async () => {
  const answer = createQuay().texts.tooManyRequests();
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]).toEqual([
    429,
    'text/html',
    null,
  ]);
});

test('tokens end after an hour, and a page reports it', async () => {
  const clock = createJumpingClock();
  await using quay = await start({}, { ...public_, clock });
  const headers = await quay.bearer('reader', 'repository:acme/hello:pull');
  await clock.sleep(3_600_000);
  const answer = await quay.get('v1', headers);
  expect([answer.status, page(answer)]).toEqual([401, notJson]);
});
