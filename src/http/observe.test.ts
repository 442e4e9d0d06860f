import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../test/support/random/property-runs.js';
import type { HttpRequest, HttpResponse } from './message.js';
import { NetworkError } from './network-error.js';
import { observeSend, type WireExchange } from './observe.js';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

function request(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL(url), headers: {}, ...more };
}

/** What an observer hears of one request and its answer. */
async function observe(
  sent: HttpRequest,
  answer: Partial<HttpResponse> | Error,
  secrets: readonly string[] = [],
): Promise<WireExchange> {
  const heard: WireExchange[] = [];
  const send = async (): Promise<HttpResponse> => {
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, body: undefined, ...answer };
  };
  const observed = observeSend(send, (one) => heard.push(one), { secrets: () => secrets });
  await observed(sent).catch(() => undefined);
  expect(heard).toHaveLength(1);
  return heard[0] as WireExchange;
}

test('method, address, status, headers and what was sent are reported', async () => {
  const sent = request('https://quay.io/v2/acme/a/tags/list?n=1000&last=v1', {
    headers: { accept: 'application/json', authorization: 'Bearer abcdefgh' },
    body: new Uint8Array(5),
  });
  const headers = { 'content-type': 'application/json', 'retry-after': '3', 'set-cookie': 'a=b' };
  expect(await observe(sent, { status: 429, headers, http2: true })).toEqual({
    number: 1,
    method: 'GET',
    url: 'https://quay.io/v2/acme/a/tags/list?n=1000&last=v1',
    requestHeaders: { accept: 'application/json', authorization: 'Bearer ***' },
    requestBytes: 5,
    status: 429,
    responseHeaders: { 'content-type': 'application/json', 'retry-after': '3', 'set-cookie': '***' },
    failure: null,
    http2: true,
    durationMs: expect.any(Number),
  });
});

test('a request without an answer is reported with the reason, and fails as it would have', async () => {
  const sent = request('https://quay.io/v2/');
  const refused = new NetworkError('refused', { method: 'GET', url: sent.url });
  expect(await observe(sent, refused)).toMatchObject({ status: null, failure: 'refused' });
  const signal = AbortSignal.abort(new Error('enough'));
  expect(await observe({ ...sent, signal }, signal.reason)).toMatchObject({ failure: 'aborted' });
  const failing = observeSend(
    () => Promise.reject(refused),
    () => undefined,
  );
  await expect(failing(sent)).rejects.toBe(refused);
});

test('of an address that a server gives, the signature is left out', async () => {
  const location = 'https://u:p@cdn.example/blobs/x?X-Amz-Signature=abcdef&X-Amz-Credential=k&from=a';
  const link = '</v2/a/tags/list?n=2&last=b&token=abcdef>; rel="next"';
  const challenge =
    'Bearer realm="https://quay.io/v2/auth?key=abcdef",service="quay.io",scope="repository:a:pull"';
  const { responseHeaders } = await observe(request('https://quay.io/v2/'), {
    status: 307,
    headers: { location, link, 'www-authenticate': challenge },
  });
  expect(responseHeaders).toEqual({
    location: 'https://cdn.example/blobs/x?from=a&***',
    link: '<https://quay.io/v2/a/tags/list?n=2&last=b&***>; rel="next"',
    'www-authenticate':
      'Bearer realm="https://quay.io/v2/auth?***",service="quay.io",scope="repository:a:pull"',
  });
});

test('what a server sends is on one line', async () => {
  const { responseHeaders } = await observe(request('https://quay.io/v2/'), {
    headers: { server: 'a\u001b[31mb\r\n::error::c', via: '\u202ed' },
  });
  expect(responseHeaders).toEqual({ server: 'a\u001b[31mb ::error::c', via: '\u202ed' });
});

/** Whatever is not part of a word that is in the log anyway. */
const secretWord = fc
  .string({ unit: fc.constantFrom(...'abcdefXYZ0123456789+/=-_.~!$&"\' %@'), minLength: 10, maxLength: 40 })
  .filter((text) => text.trim() === text && !/^[-=.\s]*$/.test(text));

test(
  'no credential shows, wherever a request carries it and wherever a server repeats it',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          password: secretWord,
          token: secretWord,
          refresh: secretWord,
          cookie: secretWord,
          query: secretWord,
        }),
        fc.constantFrom('basic', 'bearer', 'form', 'kept'),
        fc.constantFrom('server', 'via', 'location', 'link', 'warning', 'www-authenticate', 'x-own', 'etag'),
        async ({ password, token, refresh, cookie, query }, way, field) => {
          const pair = base64(`robot:${password}`);
          const secret = { basic: password, bearer: token, form: refresh, kept: password }[way];
          const authorization = { basic: `Basic ${pair}`, bearer: `Bearer ${token}` }[way as 'basic'];
          const repeated = [
            secret,
            encodeURIComponent(secret),
            base64(secret),
            way === 'basic' ? pair : secret,
          ];
          const values = {
            location: `https://cdn.example/${encodeURIComponent(secret)}?sig=${encodeURIComponent(query)}`,
            link: `</v2/x?token=${encodeURIComponent(query)}&last=${encodeURIComponent(secret)}>; rel="next"`,
          };
          const value = values[field as 'link'] ?? `you sent ${repeated.join(' or ')}`;
          const form = `grant_type=refresh_token&refresh_token=${encodeURIComponent(refresh)}`;
          const exchange = await observe(
            request(
              `https://user:${encodeURIComponent(query)}@quay.io/v2/?token=${encodeURIComponent(query)}`,
              {
                method: 'POST',
                headers: {
                  ...(authorization === undefined ? {} : { authorization }),
                  'content-type': 'application/x-www-form-urlencoded',
                  cookie,
                },
                body: way === 'form' ? new TextEncoder().encode(form) : undefined,
              },
            ),
            { headers: { [field]: value, 'set-cookie': cookie } },
            way === 'kept' ? [password] : [],
          );
          const { url, requestHeaders, responseHeaders } = exchange;
          const headers = [...Object.values(requestHeaders), ...Object.values(responseHeaders)];
          const shown = [url, ...headers, JSON.stringify(exchange)].join('\n');
          for (const hidden of [...repeated, cookie, query, encodeURIComponent(query)]) {
            expect(shown.includes(hidden), `${field} after ${way}`).toBe(false);
          }
        },
      ),
      { numRuns },
    );
  },
  patient.timeout,
);
