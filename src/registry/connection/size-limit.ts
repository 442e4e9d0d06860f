import type { Diagnostic } from '../../http/diagnostics.js';
import { shorten } from '../../http/shorten.js';
import type { RegistryAnswer } from './connection.js';

/** Which limit a 413 is about: what was sent, whose answer it is, and what can be done. */
export interface SizeLimit {
  readonly found: string;
  readonly hint: string;
}

/** A registry reports the limit in a registry error; every other response comes from a proxy in front of it. */
export function sizeLimitOf(
  { sentBytes = 0, headers, body }: RegistryAnswer,
  diagnostics: readonly Diagnostic[],
): SizeLimit {
  const sent = `to a body of ${sentBytes} bytes`;
  if (diagnostics.length > 0) {
    const hint = `The registry does not accept a body of ${sentBytes} bytes: have its limit raised, or make the bundle smaller`;
    return { found: sent, hint };
  }
  const server = shorten(headers.server ?? '', { max: 60 });
  const title = shorten(pageTitle(body), { max: 120 });
  const who = server === '' ? 'a proxy before the registry' : server;
  const suffix = title === '' ? '' : ` (${JSON.stringify(title)})`;
  const setting = settings.find(([name]) => name.test(`${server} ${title}`))?.[1];
  const limit = setting === undefined ? 'its limit for bodies' : `its limit for bodies (${setting})`;
  return {
    found: `${sent}, from ${who}${suffix}`,
    hint: `Have the administrators of ${who} raise ${limit} above ${sentBytes} bytes`,
  };
}

/** What the limit is called where it is set. */
const settings: readonly (readonly [server: RegExp, setting: string])[] = [
  [/nginx|openresty/i, 'client_max_body_size'],
  [/apache/i, 'LimitRequestBody'],
  [/envoy|istio/i, 'max_request_bytes'],
  [/cloudflare/i, 'the upload limit of its plan'],
];

function pageTitle(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 4096)).toString('utf8');
  return (/<title>([^<]*)/i.exec(text)?.[1] ?? text.replace(/<[^<>]*>/g, ' ')).trim();
}
