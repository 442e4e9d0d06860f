import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { HeaderFields, HttpRequest, HttpResponse, Send } from './message.js';
import { isNetworkError } from './network-error.js';
import { hiding } from './redactor.js';
import { shorten } from './shorten.js';

/** One request that was sent and the head that came back, fit to be shown: secrets are taken out, bodies left out. */
export interface WireExchange {
  /** From 1, in the order in which requests were sent. */
  readonly number: number;
  readonly method: string;
  /** Without user, and without what is unknown of its query. */
  readonly url: string;
  readonly requestHeaders: HeaderFields;
  readonly requestBytes: number;
  /** Null where no answer came. */
  readonly status: number | null;
  readonly responseHeaders: HeaderFields;
  /** Why no answer came: a reason such as `refused` or `timeout`, or `aborted`; null where one came. */
  readonly failure: string | null;
  /** Undefined where it is not known. */
  readonly http2: boolean | undefined;
  /** From the request to the head of its answer. */
  readonly durationMs: number;
}

/** The clock of the reports, and secrets to remove from them. */
export interface ObserveOptions {
  readonly clock?: Clock | undefined;
  /** What must not be shown, beyond what the requests themselves carry as credentials. */
  readonly secrets?: (() => Iterable<string>) | undefined;
}

/**
 * Wraps a `Send` and reports each exchange without secrets: header values only where their names are known to be harmless, query
 * parameters of the distribution protocol only, and a credential that was sent is removed wherever a server repeats it.
 *
 * @example
 * ```ts
 * import { createNodeTransport, createRegistryClient, observeSend } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using server = await startRegistry();
 * const transport = createNodeTransport();
 * const send = observeSend(transport, ({ method, status }) => console.log(method, status));
 * const client = createRegistryClient({ send });
 * const found = await client.repository({ registry: server.host, repository: 'acme/hello' }).peek('v1');
 * // HEAD 404
 * // GET 404
 * console.log(found); // undefined
 * await transport.close();
 * ```
 */
export function observeSend(
  send: Send,
  onExchange: (exchange: WireExchange) => void,
  { clock = systemClock, secrets = () => [] }: ObserveOptions = {},
): Send {
  let count = 0;
  const sentSecrets = new Set<string>();
  const hide = hiding(() => [...secrets(), ...sentSecrets]);
  return async (request) => {
    const number = ++count;
    const startedAt = clock.now();
    for (const secret of secretsOf(request)) sentSecrets.add(secret);
    const report = (answer: HttpResponse | undefined, failure: string | null) => {
      const fields = (headers: HeaderFields) => shownHeaders(headers, request.url, hide);
      onExchange({
        number,
        method: request.method,
        url: hide(shownUrl(request.url)),
        requestHeaders: fields(request.headers),
        requestBytes: request.body?.byteLength ?? 0,
        status: answer?.status ?? null,
        responseHeaders: fields(answer?.headers ?? {}),
        failure,
        http2: answer?.http2,
        durationMs: Math.round(clock.now() - startedAt),
      });
    };
    try {
      const answer = await send(request);
      report(answer, null);
      return answer;
    } catch (error) {
      report(undefined, reasonOf(error, request));
      throw error;
    }
  };
}

function reasonOf(error: unknown, { signal }: HttpRequest): string {
  if (isNetworkError(error)) return error.reason;
  return signal?.aborted ? 'aborted' : 'failed';
}

/** What a request proves itself by: user and password, tokens, and the form that asks for a token. */
function* secretsOf({ headers, body }: HttpRequest): Iterable<string> {
  for (const [name, value] of Object.entries(headers)) {
    const field = name.toLowerCase();
    if (field !== 'authorization' && field !== 'proxy-authorization') continue;
    const [, scheme = '', proof = ''] = /^(\S+)\s+(.*)$/s.exec(value) ?? [];
    yield proof === '' ? value : proof;
    if (scheme.toLowerCase() === 'basic') {
      const pair = Buffer.from(proof, 'base64').toString('utf8');
      yield pair.slice(pair.indexOf(':') + 1);
    }
  }
  if (!body || !/x-www-form-urlencoded/.test(headers['content-type'] ?? '')) return;
  const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
  for (const name of ['refresh_token', 'access_token', 'password']) yield form.get(name) ?? '';
}

function shownHeaders(headers: HeaderFields, base: URL, hide: (text: string) => string): HeaderFields {
  const shown = Object.entries(headers).map(([name, value]): [string, string] => {
    const field = name.toLowerCase();
    if (field === 'authorization')
      return [field, `${shorten(value.split(' ', 1)[0] ?? '', { max: 20 })} ***`];
    if (!harmless.has(field)) return [field, '***'];
    // Hidden before anything is cut off, and once more behind that.
    return [field, hide(shorten(shownAddresses(hide(value), field, base), { max: 500 }))];
  });
  return Object.fromEntries(shown);
}

/** Addresses within a value: whole ones anywhere, in `location` and `link` also those that are relative. */
function shownAddresses(value: string, field: string, base: URL): string {
  if (field === 'location' || field === 'content-location') return shownUrl(value, base);
  if (field === 'link')
    return value.replace(/<([^<>]*)>/g, (_, address: string) => `<${shownUrl(address, base)}>`);
  return value.replace(/https?:\/\/[^\s"',;<>]+/gi, (address) => shownUrl(address));
}

function shownUrl(address: string | URL, base?: URL): string {
  if (!URL.canParse(String(address), base?.href)) return '***';
  const url = new URL(address, base);
  const parts: string[] = [];
  let hidden = false;
  for (const [key, value] of url.searchParams) {
    if (harmlessParameters.has(key)) parts.push(`${key}=${shorten(value)}`);
    else hidden = true;
  }
  if (hidden) parts.push('***');
  const query = parts.length === 0 ? '' : `?${parts.join('&')}`;
  return `${url.protocol}//${url.host}${shorten(url.pathname, { max: 1000 })}${query}`;
}

/** Of the distribution protocol and of its token services; signatures and states of uploads are others. */
const harmlessParameters: ReadonlySet<string> = new Set([
  'artifactType',
  'digest',
  'from',
  'last',
  'limit',
  'mount',
  'n',
  'offset',
  'page',
  'scope',
  'service',
]);

const harmless: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-ranges',
  'age',
  'allow',
  'cache-control',
  'cf-ray',
  'connection',
  'content-encoding',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'docker-content-digest',
  'docker-distribution-api-version',
  'etag',
  'keep-alive',
  'last-modified',
  'link',
  'location',
  'oci-chunk-max-length',
  'oci-chunk-min-length',
  'oci-filters-applied',
  'oci-subject',
  'oci-tag',
  'range',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'server',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'vary',
  'via',
  'warning',
  'www-authenticate',
  'x-cache',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
]);
