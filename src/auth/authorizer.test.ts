import { expect, test } from 'vitest';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { BundlesError } from '../errors.js';
import { createHost } from '../http/send/host.js';
import { receive } from '../http/send/receive.js';
import { withRedirects } from '../http/send/redirects.js';
import { type Fetch, sendTo } from '../http/serve/handler-transport.js';
import { isAuthError } from './auth-error.js';
import { type AuthorizationTarget, createAuthorizer } from './authorizer.js';
import type { Credential } from './credential.js';
import type { AskTokenService } from './token-exchange.js';

const target: AuthorizationTarget = {
  origin: 'https://r.example',
  registry: 'r.example',
  repository: 'a/b',
  actions: 'pull',
};
const basic: Credential = {
  kind: 'basic',
  username: 'robot+x',
  password: 'pa$$w0rd-s3cret',
  source: 'file (r.example)',
};
const identity: Credential = {
  kind: 'identity-token',
  username: '<token>',
  token: 'identity-s3cret',
  source: 'file',
};
const bearer = 'Bearer realm="https://auth.example/token?x=~y",service="the s"';
const asksBasic = 'Basic realm="x"';

function setUp(
  answer: (request: Request, count: number) => Response | Promise<Response>,
  credential?: Credential,
) {
  const requests: Request[] = [];
  let now = 1_700_000_000_000;
  const clock: Clock = { ...systemClock, now: () => now, sleep: async () => undefined };
  const fetch: Fetch = async (request) => {
    requests.push(request);
    return answer(request, requests.length);
  };
  let renewed = 0;
  const keychain = {
    find: async ({ registry }: { registry: string }, use?: { fresh?: boolean }) => {
      if (use?.fresh) renewed++;
      return registry === 'r.example' ? credential : undefined;
    },
    secrets: () => ['pa$$w0rd-s3cret', 'identity-s3cret'],
  };
  const authorizer = createAuthorizer({ ask: askBy(fetch, clock), keychain, clock });
  const pass = (ms: number) => {
    now += ms;
  };
  return { authorizer, requests, pass, renewals: () => renewed };
}

/** What a registry client gives, without its retries. */
function askBy(fetch: Fetch, clock: Clock): AskTokenService {
  return (call, follow) => {
    call.onSent?.();
    const host = createHost(call.url.host, { clock });
    return receive(withRedirects(sendTo(fetch), follow), host, clock)(call);
  };
}

const json = (value: unknown, init?: ResponseInit) => Response.json(value, init);
const numbered = (_request: Request, count: number) => json({ token: `t${count}`, expires_in: 300 });

async function refusal(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isAuthError(error)) throw new Error(`no AuthError: ${String(error)}`);
  const { cause: _cause, ...shown } = error;
  const all = [error.message, error.hint, error.stack, JSON.stringify(shown)].join('\n');
  for (const secret of [
    'pa$$w0rd-s3cret',
    'identity-s3cret',
    'answer-s3cret',
    Buffer.from('robot+x:pa$$w0rd-s3cret').toString('base64'),
  ]) {
    expect(all).not.toContain(secret);
  }
  return error;
}

test('nothing is sent before a registry asks', async () => {
  const { authorizer, requests } = setUp(numbered, basic);
  expect(await authorizer.header(target)).toEqual({
    value: undefined,
    credentialSource: undefined,
    challenged: false,
  });
  expect(requests).toEqual([]);
});

test('a bearer challenge leads to a token by GET with user and password', async () => {
  const { authorizer, requests } = setUp(numbered, basic);
  expect(await authorizer.challenged(bearer, target)).toMatchObject({
    value: 'Bearer t1',
    credentialSource: 'file (r.example)',
    challenged: true,
  });
  const [request] = requests;
  expect(request!.url).toBe(
    'https://auth.example/token?x=~y&service=the%20s&scope=repository%3Aa%2Fb%3Apull&client_id=tekton-bundles&account=robot%2Bx',
  );
  expect(request!.headers.get('authorization')).toBe(
    `Basic ${Buffer.from('robot+x:pa$$w0rd-s3cret').toString('base64')}`,
  );
  expect(request!.redirect).toBe('manual');
});

test('without a credential an anonymous token is asked for', async () => {
  const { authorizer, requests } = setUp(numbered);
  expect(await authorizer.challenged(bearer, target)).toMatchObject({
    value: 'Bearer t1',
    credentialSource: undefined,
    challenged: true,
  });
  expect(requests[0]!.headers.has('authorization')).toBe(false);
});

test('after the first challenge a further repository asks for its token at once', async () => {
  const { authorizer, requests } = setUp(numbered, basic);
  await authorizer.challenged(bearer, target);
  expect((await authorizer.header(target)).value).toBe('Bearer t1');
  expect((await authorizer.header({ ...target, repository: 'a/c' })).value).toBe('Bearer t2');
  expect(requests.length).toBe(2);
});

test('tasks that want the same token share one exchange, and one abort does not hurt the others', async () => {
  let answered: (response: Response) => void = () => undefined;
  const { authorizer, requests } = setUp(
    () =>
      new Promise<Response>((resolve) => {
        answered = resolve;
      }),
    basic,
  );
  const quitter = new AbortController();
  const first = authorizer.challenged(bearer, target, { signal: quitter.signal });
  const others = Promise.all(Array.from({ length: 20 }, () => authorizer.challenged(bearer, target)));
  await expect.poll(() => requests.length).toBe(1);
  quitter.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  answered(json({ token: 'one' }));
  expect(new Set((await others).map(({ value }) => value))).toEqual(new Set(['Bearer one']));
  expect(requests.length).toBe(1);
});

test('when every task has gone the exchange is aborted', async () => {
  const { authorizer, requests } = setUp(() => new Promise(() => undefined), basic);
  const quitter = new AbortController();
  const pending = authorizer.challenged(bearer, target, { signal: quitter.signal });
  await expect.poll(() => requests.length).toBe(1);
  quitter.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
  expect(requests[0]!.signal.aborted).toBe(true);
});

test('a token is used until shortly before its end, and dropped when the registry refuses it', async () => {
  const { authorizer, pass } = setUp(numbered, basic);
  await authorizer.challenged(bearer, target);
  pass(269_000);
  expect((await authorizer.header(target)).value).toBe('Bearer t1');
  pass(2_000);
  expect((await authorizer.header(target)).value).toBe('Bearer t2');
  expect((await authorizer.challenged(bearer, target, { sent: 'Bearer t2' })).value).toBe('Bearer t3');
  expect((await authorizer.challenged(bearer, target, { sent: 'Bearer t2' })).value).toBe('Bearer t3');
});

test.each<[string, (now: number) => unknown, number]>([
  ['nothing said', () => ({ token: 't' }), 54_000],
  ['too short', () => ({ token: 't', expires_in: 5 }), 54_000],
  [
    'a JWT that states it',
    (now) => ({
      token: `h.${Buffer.from(JSON.stringify({ exp: now / 1000 + 3600 })).toString('base64url')}.s`,
    }),
    3_540_000 * 0.9,
  ],
  [
    'an issue date far off',
    (now) => ({ token: 't', expires_in: 100, issued_at: new Date(now - 3_600_000) }),
    90_000,
  ],
  [
    'an issue date near',
    (now) => ({ token: 't', expires_in: 100, issued_at: new Date(now - 20_000) }),
    70_000,
  ],
])('lifetime: %s', async (_name, body, ms) => {
  const { authorizer, requests, pass } = setUp(() => json(body(1_700_000_000_000)), basic);
  await authorizer.challenged(bearer, target);
  pass(ms - 1_000);
  await authorizer.header(target);
  expect(requests.length).toBe(1);
  pass(2_000);
  await authorizer.header(target);
  expect(requests.length).toBe(2);
});

test('access_token does as well, and forget() drops what belongs to the repository', async () => {
  const { authorizer } = setUp((_request, count) => json({ access_token: `a${count}` }), basic);
  expect((await authorizer.challenged(bearer, target)).value).toBe('Bearer a1');
  authorizer.forget(target);
  expect((await authorizer.header(target)).value).toBe('Bearer a2');
});

const scopesOf = (request: Request) => new URL(request.url).searchParams.getAll('scope');
const asking = (scope: string) =>
  `Bearer realm="https://auth.example/t",scope="${scope}",error="insufficient_scope"`;

test('a challenge never widens a check into a push', async () => {
  const { authorizer, requests } = setUp(numbered, basic);
  await authorizer.challenged(asking('repository:a/b:pull,push,delete,* repository:c/d:pull,push'), target);
  expect(scopesOf(requests[0]!)).toEqual(['repository:a/b:pull', 'repository:c/d:pull']);
});

test('a push asks for both actions in one scope, first, and for the sources of mounts behind it', async () => {
  const { authorizer, requests } = setUp(numbered, basic);
  const push = { ...target, actions: 'pull,push', alsoPull: ['x/y', 'a/b'] } as const;
  await authorizer.challenged(asking('repository:a/b:delete'), push);
  expect(scopesOf(requests[0]!)).toEqual(['repository:a/b:pull,push,delete', 'repository:x/y:pull']);
});

test('scopes that belong to no repository are passed on and remembered', async () => {
  const { authorizer, requests } = setUp(numbered);
  await authorizer.challenged(asking('aws'), target);
  await authorizer.header({ ...target, repository: 'c' });
  expect(requests.map(scopesOf)).toEqual([
    ['repository:a/b:pull', 'aws'],
    ['repository:c:pull', 'aws'],
  ]);
});

test('an identity token is posted as a form, never in an address', async () => {
  const { authorizer, requests } = setUp(numbered, identity);
  const push = { ...target, actions: 'pull,push', alsoPull: ['x'] } as const;
  expect((await authorizer.challenged(bearer, push)).value).toBe('Bearer t1');
  const [request] = requests;
  expect([request!.method, request!.url]).toEqual(['POST', 'https://auth.example/token?x=~y']);
  expect(Object.fromEntries(new URLSearchParams(await request!.text()))).toEqual({
    grant_type: 'refresh_token',
    client_id: 'tekton-bundles',
    refresh_token: 'identity-s3cret',
    service: 'the s',
    scope: 'repository:a/b:pull,push repository:x:pull',
  });
});

test.each([400, 401, 404, 405])(
  'a token service that answers %i to POST gets one GET with the password',
  async (status) => {
    const { authorizer, requests } = setUp(
      (request) => (request.method === 'POST' ? new Response(null, { status }) : json({ token: 'got' })),
      { ...identity, password: 'pa$$w0rd-s3cret' },
    );
    expect((await authorizer.challenged(bearer, target)).value).toBe('Bearer got');
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  },
);

test.each([
  [401, basic, 'bad-credential', 'REGISTRY_DENIED'],
  [403, basic, 'bad-credential', 'REGISTRY_DENIED'],
  [401, identity, 'bad-credential', 'REGISTRY_DENIED'],
  [404, identity, 'bad-credential', 'REGISTRY_DENIED'],
  [401, undefined, 'denied', 'REGISTRY_DENIED'],
  [403, undefined, 'denied', 'REGISTRY_DENIED'],
  [404, basic, 'token-endpoint', 'REGISTRY_UNREACHABLE'],
  [502, basic, 'token-endpoint', 'REGISTRY_UNREACHABLE'],
  [429, basic, 'rate-limited', 'RATE_LIMITED'],
] as const)(
  'a token service that answers %i to case %# gives its own reason',
  async (status, credential, reason, code) => {
    const { authorizer, requests } = setUp(
      () => new Response('answer-s3cret', { status, headers: { 'retry-after': '7' } }),
      credential,
    );
    const error = await refusal(authorizer.challenged(bearer, target));
    expect([error.reason, error.code, error.status, error.url]).toEqual([
      reason,
      code,
      status,
      'https://auth.example/token',
    ]);
    expect(error.credentialSource).toBe(credential?.source);
    expect(error.retryable).toBe(status === 502 || status === 429);
    expect(error.retryAfter).toBe('7');
    expect(requests.length).toBe(1);
  },
);

test('a 403 with DENIED is about access, not of the password', async () => {
  const { authorizer } = setUp(() => json({ errors: [{ code: 'DENIED' }] }, { status: 403 }), basic);
  expect((await refusal(authorizer.challenged(bearer, target))).reason).toBe('denied');
});

test.each<[string, () => Response]>([
  ['HTML', () => new Response('<html>answer-s3cret</html>')],
  ['a list', () => json(['answer-s3cret'])],
  ['no token', () => json({ secret: 'answer-s3cret' })],
  ['a line break in the token', () => json({ token: 'answer-s3cret\r\nx: y' })],
  ['a token that is not ASCII', () => json({ token: 'answer-s3cret\u00e9' })],
  ['a token of 17 KiB', () => json({ token: 'answer-s3cret'.repeat(1400) })],
  ['a token that is an object', () => json({ token: { a: 'answer-s3cret' } })],
  ['more than 128 KiB', () => json({ token: 't', rest: 'answer-s3cret'.repeat(11_000) })],
  ['201', () => json({ token: 'answer-s3cret' }, { status: 201 })],
])('an answer of the token service is refused: %s', async (_name, answer) => {
  const { authorizer } = setUp(answer, basic);
  const error = await refusal(authorizer.challenged(bearer, target));
  expect([error.reason, error.retryable]).toEqual(['token-endpoint', false]);
});

test('a token service that is down is recognized, and worth another try', async () => {
  const { authorizer } = setUp(() => Promise.reject(new Error('fetch failed')), basic);
  const error = await refusal(authorizer.challenged(bearer, target));
  expect([error.reason, error.retryable]).toEqual(['token-endpoint', true]);
});

test('redirects of the token service are followed without the password once its origin changes, also on the way back', async () => {
  const hops = ['https://auth.example/two', 'https://other.example/three', 'https://auth.example/four'];
  const { authorizer, requests } = setUp(() => {
    const location = hops.shift();
    return location ? new Response(null, { status: 307, headers: { location } }) : json({ token: 't' });
  }, basic);
  await authorizer.challenged(bearer, target);
  expect(requests.map(({ headers }) => headers.has('authorization'))).toEqual([true, true, false, false]);
});

test.each(['http://auth.example/', 'https://169.254.169.254/', 'https://[fd00:ec2::254]/'])(
  'a redirect of the token service to %s is refused',
  async (location) => {
    const { authorizer, requests } = setUp(
      () => new Response(null, { status: 302, headers: { location } }),
      basic,
    );
    expect((await refusal(authorizer.challenged(bearer, target))).reason).toBe('realm-refused');
    expect(requests.length).toBe(1);
  },
);

test('redirects without end are given up, and a POST is never redirected', async () => {
  const away = () => new Response(null, { status: 307, headers: { location: '/again' } });
  const getting = setUp(away, basic);
  expect((await refusal(getting.authorizer.challenged(bearer, target))).reason).toBe('token-endpoint');
  expect(getting.requests.length).toBe(6);
  const posting = setUp(away, identity);
  expect((await refusal(posting.authorizer.challenged(bearer, target))).reason).toBe('token-endpoint');
  expect(posting.requests.length).toBe(1);
});

test('a hostile realm gets no request at all', async () => {
  const { authorizer, requests } = setUp(numbered, basic);
  const hostile = 'Bearer realm="http://169.254.169.254/latest"';
  expect((await refusal(authorizer.challenged(hostile, target))).reason).toBe('realm-refused');
  expect(requests).toEqual([]);
});

test('the credential of one registry is not used for another, nor its token', async () => {
  const { authorizer, requests } = setUp(numbered, basic);
  await authorizer.challenged(bearer, target);
  const other = { ...target, origin: 'https://evil.example', registry: 'evil.example' };
  const answer = await authorizer.challenged(bearer, other);
  expect(answer.credentialSource).toBeUndefined();
  expect(answer.value).toBe('Bearer t2');
  expect(requests[1]!.headers.has('authorization')).toBe(false);
});

test('Basic: the password goes out when asked for, and a refused one is a bad credential', async () => {
  const { authorizer, renewals } = setUp(numbered, basic);
  const first = await authorizer.challenged(asksBasic, target);
  expect(first.value).toBe(`Basic ${Buffer.from('robot+x:pa$$w0rd-s3cret').toString('base64')}`);
  expect((await authorizer.header(target)).value).toBe(first.value);
  const error = await refusal(authorizer.challenged(asksBasic, target, { sent: first.value }));
  expect([error.reason, error.credentialSource, renewals()]).toEqual([
    'bad-credential',
    'file (r.example)',
    1,
  ]);
});

test('Basic without a credential names the registry', async () => {
  const error = await refusal(setUp(numbered).authorizer.challenged(asksBasic, target));
  expect([error.reason, error.registry, error.code]).toEqual([
    'no-credential',
    'r.example',
    'REGISTRY_DENIED',
  ]);
});

test('a registry token is sent as it is', async () => {
  const given: Credential = { kind: 'registry-token', token: 'rt', source: 'file' };
  const { authorizer, requests } = setUp(numbered, given);
  expect((await authorizer.challenged(bearer, target)).value).toBe('Bearer rt');
  expect(requests).toEqual([]);
});

test.each<Credential>([
  { ...(basic as Extract<Credential, { kind: 'basic' }>), password: 'pa$$w0rd-s3cret\r\nx: y' },
  { kind: 'basic', username: 'u\0', password: 'pa$$w0rd-s3cret', source: 'file' },
  { kind: 'registry-token', token: 'identity-s3cret\n', source: 'file' },
])('a credential with line breaks or NUL is refused by its source', async (credential) => {
  const error = await setUp(numbered, credential)
    .authorizer.challenged(asksBasic, target)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'CREDENTIALS_INVALID', details: { source: credential.source } });
  expect(String(error)).not.toContain('s3cret');
});

test('an unknown authentication scheme is not supported', async () => {
  const { authorizer } = setUp(numbered, basic);
  for (const header of ['Negotiate', 'Digest realm="x"', '']) {
    expect((await refusal(authorizer.challenged(header, target))).reason).toBe('protocol');
  }
});

test('redact() hides credentials, tokens and their encoded forms', async () => {
  const { authorizer } = setUp(() => json({ token: 'token-s3cret' }), basic);
  await authorizer.challenged(bearer, target);
  const text = `a token-s3cret b pa$$w0rd-s3cret c ${encodeURIComponent('pa$$w0rd-s3cret')}`;
  expect(authorizer.redact(text)).toBe('a *** b *** c ***');
});

test('every exchange is counted where it is caused', async () => {
  const { authorizer } = setUp(numbered, basic);
  let count = 0;
  const onTokenRequest = () => void count++;
  await Promise.all([
    authorizer.challenged(bearer, target, { onTokenRequest }),
    authorizer.challenged(bearer, target, { onTokenRequest }),
  ]);
  await authorizer.header(target, { onTokenRequest });
  expect(count).toBe(1);
});

test('a token service that hangs is given up, worth another try', async () => {
  const authorizer = createAuthorizer({
    ask: () => new Promise(() => undefined),
    clock: { ...systemClock, now: () => 0, sleep: async () => undefined },
    tokenTimeoutMs: 30,
  });
  const error = await refusal(authorizer.challenged(bearer, target));
  expect([error.reason, error.retryable]).toEqual(['token-endpoint', true]);
});

test('a wait that the transport reports is passed on as it is', async () => {
  const limited = new BundlesError('RATE_LIMITED', 'wait');
  const { authorizer } = setUp(() => Promise.reject(limited), basic);
  await expect(authorizer.challenged(bearer, target)).rejects.toBe(limited);
});

test('renew() asks the keychain afresh, unless the header has changed already', async () => {
  const { authorizer, renewals } = setUp(numbered, basic);
  const first = await authorizer.challenged(asksBasic, target);
  await authorizer.renew(target, { sent: 'Basic old' });
  expect(renewals()).toBe(0);
  expect((await authorizer.renew(target, { sent: first.value })).value).toBe(first.value);
  expect(renewals()).toBe(1);
});

test('a service that always gives the same token is asked once more and no more', async () => {
  const { authorizer, requests } = setUp(() => json({ token: 'always-this' }), basic);
  const first = await authorizer.challenged(bearer, target);
  expect((await authorizer.challenged(bearer, target, { sent: first.value })).value).toBe(first.value);
  expect(requests).toHaveLength(2);
});
