import fc from 'fast-check';
import type { Clock } from '../../../src/async/clock.js';
import type { Fetch } from '../../../src/http/serve/handler-transport.js';
import { parseRoute } from '../../../src/registry-server/api/route.js';
import { withHeaders } from '../../../src/testing/profile.js';

/** What becomes of one request on its way to a registry and of the answer on its way back. */
export type Act =
  | { readonly kind: 'pass' }
  /** Another answer; `done`: after the registry did what was asked. */
  | {
      readonly kind: 'answer';
      readonly done: boolean;
      readonly status: number;
      readonly head: HeadName;
      readonly body: BodyName;
    }
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' | 'body' }
  | { readonly kind: 'hang'; readonly when: 'head' | 'body' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The body arrives in small pieces with a pause after each. */
  | { readonly kind: 'drip'; readonly ms: number; readonly padding: number }
  /** Another writer moves the tag. */
  | { readonly kind: 'rival'; readonly when: 'before' | 'after' }
  | { readonly kind: 'forge'; readonly digest: 'none' | 'other' | 'garbage' }
  | { readonly kind: 'damage' };

/** The acts of one run: one for each request in order, and those that meet every request of a kind. */
export interface Script {
  readonly acts: readonly Act[];
  readonly always: readonly { readonly step: Step; readonly act: Act }[];
}

/** The steps of a run, as a proxy could distinguish them. */
export type Step =
  | 'HEAD manifest'
  | 'GET manifest'
  | 'PUT manifest'
  | 'HEAD blob'
  | 'GET blob'
  | 'POST uploads'
  | 'PUT upload'
  | 'DELETE upload'
  | 'GET token'
  | 'other';

const steps: readonly Step[] = [
  ...(['HEAD manifest', 'GET manifest', 'PUT manifest', 'HEAD blob', 'GET blob'] as const),
  ...(['POST uploads', 'PUT upload', 'GET token'] as const),
];

export function stepOf({ method, url }: { readonly method: string; readonly url: string }): Step {
  const { pathname } = new URL(url);
  if (pathname === '/token') return 'GET token';
  const step = `${method} ${parseRoute(pathname)?.kind}`;
  return (steps as readonly string[]).includes(step) || step === 'DELETE upload' ? (step as Step) : 'other';
}

const statuses = [
  ...[200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407],
  ...[408, 409, 410, 411, 412, 413, 414, 415, 416, 418, 421, 423, 425, 426, 428, 429, 431, 451, 499],
  ...[500, 501, 502, 503, 504, 507, 511, 520, 522, 524, 599],
];

type HeadName = keyof typeof heads;
const heads = {
  none: {},
  json: { 'content-type': 'application/json' },
  page: { 'content-type': 'text/html; charset=utf-8' },
  bearer: { 'www-authenticate': 'Bearer realm="https://registry.example/token",service="model"' },
  basic: { 'www-authenticate': 'Basic realm="x"' },
  strange: { 'www-authenticate': 'Negotiate, Digest realm="x", Bearer' },
  elsewhere: { location: 'https://elsewhere.example/v2/acme/alpha/manifests/v1.0.0' },
  inward: { location: 'http://169.254.169.254/' },
  itself: { location: '/v2/acme/alpha/manifests/v1.0.0' },
  wait: { 'retry-after': '2' },
  longWait: { 'retry-after': '86400' },
  noWait: { 'retry-after': '-1' },
  digest: { 'docker-content-digest': `sha256:${'a'.repeat(64)}` },
  encoded: { 'content-encoding': 'gzip' },
  warning: { warning: '299 - "\u009b31m ::error::x", 199 other "y"' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

type BodyName = keyof typeof bodies;
const error = (code: string, more = {}) => JSON.stringify({ errors: [{ code, message: code, ...more }] });
const bodies = {
  empty: '',
  unknown: error('MANIFEST_UNKNOWN'),
  noName: error('NAME_UNKNOWN'),
  expired: error('TAG_EXPIRED'),
  noBlob: error('BLOB_UNKNOWN'),
  denied: error('DENIED'),
  unauthorized: error('UNAUTHORIZED'),
  many: error('TOOMANYREQUESTS'),
  unsupported: error('UNSUPPORTED'),
  readOnly: error('DENIED', { is_readonly: true }),
  invalid: error('MANIFEST_INVALID'),
  blobMissing: error('MANIFEST_BLOB_UNKNOWN'),
  uploadInvalid: error('BLOB_UPLOAD_INVALID'),
  uploadUnknown: error('BLOB_UPLOAD_UNKNOWN'),
  immutable: error('TAG_IMMUTABLE'),
  number: '{"errors":[{"code":"404"}]}',
  plain: 'Not found',
  page: '<!doctype html><title>Log in</title>',
  object: '{"status":"ok"}',
  broken: '{"errors":[{"code":',
  list: '[]',
  token: '{"token":"made-up","expires_in":-5}',
  noToken: '{"access_token":7}',
  manifest: '{"schemaVersion":2,"config":{},"layers":[]}',
  hostile: error('DENIED\r\n::error::x', { message: '\u001b[31m\u202e'.repeat(500) }),
  large: ' '.repeat(100_000),
} as const satisfies Readonly<Record<string, string>>;

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 40, arbitrary: fc.constant<Act>({ kind: 'pass' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      done: fc.boolean(),
      status: fc.constantFrom(...statuses),
      head: fc.constantFrom(...(Object.keys(heads) as HeadName[])),
      body: fc.constantFrom(...(Object.keys(bodies) as BodyName[])),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reset' as const),
      when: fc.constantFrom('before' as const, 'after' as const, 'body' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hang' as const),
      when: fc.constantFrom('head' as const, 'body' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('delay' as const), ms: fc.integer({ min: 1, max: 150_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('drip' as const),
      ms: fc.constantFrom(10, 400, 20_000),
      padding: fc.constantFrom(0, 500),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('rival' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('forge' as const),
      digest: fc.constantFrom('none' as const, 'other' as const, 'garbage' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ kind: 'damage' }) },
);

export const script: fc.Arbitrary<Script> = fc.record({
  acts: fc.array(act, { maxLength: 24 }),
  always: fc.array(fc.record({ step: fc.constantFrom(...steps), act }), { maxLength: 1 }),
});

export interface PlayOptions {
  readonly clock: Clock;
  /** Moves the tag to other content, as another writer does. */
  readonly rival: () => void;
}

/** A registry behind the acts of a script. */
export function scripted(next: Fetch, { acts, always }: Script, options: PlayOptions): Fetch {
  let count = 0;
  return (request) => {
    const step = stepOf(request);
    const chosen = always.find((one) => one.step === step)?.act ?? acts[count++] ?? { kind: 'pass' };
    return perform(chosen, request, next, options);
  };
}

async function perform(
  chosen: Act,
  request: Request,
  next: Fetch,
  { clock, rival }: PlayOptions,
): Promise<Response> {
  const { signal } = request;
  switch (chosen.kind) {
    case 'pass':
      return next(request);
    case 'answer':
      if (chosen.done) await next(request);
      return answerOf(request, chosen);
    case 'reset':
      if (chosen.when === 'before') throw connectionReset();
      return resetAfter(await next(request), chosen.when);
    case 'hang':
      if (chosen.when === 'head') return never(signal);
      return withBody(await next(request), [new Uint8Array(1)], () => never(signal));
    case 'delay':
      await clock.sleep(chosen.ms, signal);
      return next(request);
    case 'drip':
      return drip(await next(request), chosen, (ms) => clock.sleep(ms, signal));
    case 'rival': {
      if (chosen.when === 'before') rival();
      const answer = await next(request);
      if (chosen.when === 'after') rival();
      return answer;
    }
    case 'forge': {
      const digest = { none: undefined, other: `sha256:${'b'.repeat(64)}`, garbage: 'sha256:x' };
      return withHeaders(await next(request), { 'docker-content-digest': digest[chosen.digest] });
    }
    case 'damage': {
      const answer = await next(request);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (bytes.length > 0) bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      return withHeaders(answer, {}, bytes.length > 0 ? bytes : null);
    }
  }
}

function answerOf({ method }: Request, { status, head, body }: Extract<Act, { kind: 'answer' }>): Response {
  const bodiless = method === 'HEAD' || [204, 205, 304].includes(status) || bodies[body] === '';
  return new Response(bodiless ? null : bodies[body], { status, headers: heads[head] });
}

function resetAfter(answer: Response, when: 'after' | 'body'): Response {
  if (when === 'after' || answer.body === null) throw connectionReset();
  return withBody(answer, [new Uint8Array(1)], () => Promise.reject(connectionReset()));
}

async function drip(
  answer: Response,
  { ms, padding }: Extract<Act, { kind: 'drip' }>,
  sleep: (ms: number) => Promise<void>,
): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const size = Math.max(1, Math.ceil(bytes.length / 40));
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.slice(index * size, (index + 1) * size),
  );
  const spaces = Array.from({ length: padding }, () => new Uint8Array([0x20]));
  if (answer.body === null) return answer;
  return withBody(
    withHeaders(answer, { 'content-length': undefined }),
    [...pieces, ...spaces],
    undefined,
    () => sleep(ms),
  );
}

/** A body of these pieces, each after a pause; then it ends, or what `end` does happens. */
function withBody(
  answer: Response,
  pieces: Uint8Array<ArrayBuffer>[],
  end?: () => Promise<never>,
  pause: () => Promise<void> = () => Promise.resolve(),
): Response {
  if (answer.body === null) return answer;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) return end ? end() : controller.close();
        await pause();
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
  return withHeaders(answer, {}, body);
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}

function connectionReset(): Error {
  return Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' });
}
