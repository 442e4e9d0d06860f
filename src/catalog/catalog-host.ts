import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { BundlesError } from '../errors.js';
import { locationOfHost } from '../http/host-location.js';
import type { Send } from '../http/message.js';
import { redactUrl } from '../http/redact.js';
import { maxAttempts } from '../http/send/retry.js';
import type { CatalogError } from './catalog-error.js';

/** How a catalog is reached. */
export interface CatalogHostOptions {
  readonly send: Send;
  /** Default: that of this machine. */
  readonly clock?: Clock | undefined;
  /** Where the service is, e.g. `http://127.0.0.1:8081`; a path before `/api` is kept. */
  readonly url: string;
  /** Sent as a bearer token to that origin and nowhere else. */
  readonly token?: string | undefined;
  readonly userAgent?: string;
  /** For one answer with its body. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** How often in all a request is sent whose failure may pass. Default 5; with 1 the catalog is never given up. */
  readonly attempts?: number;
  /** In [0, 1), for the jitter of pauses. */
  readonly random?: () => number;
}

/** What all requests to one catalog share. */
export interface CatalogHost extends Required<Omit<CatalogHostOptions, 'clock' | 'token' | 'timeoutMs'>> {
  readonly clock: Clock;
  readonly token: string | undefined;
  readonly timeoutMs: number;
  /** Set once the catalog did not respond in time: later requests of the run do not wait again. */
  givenUp: GivenUp | undefined;
}

/** A catalog that failed for as long as is bearable. */
export interface GivenUp {
  readonly error: CatalogError;
  /** What its message states behind what was being done. */
  readonly why: string;
}

/** Checks the address and the token. @throws CONFIG_INVALID */
export function createCatalogHost(options: CatalogHostOptions): CatalogHost {
  const { send, clock = systemClock, token, userAgent = 'tekton-bundles', timeoutMs = 30_000 } = options;
  const { attempts = maxAttempts, random = Math.random } = options;
  const url = checkAddress(options.url, token);
  return { send, clock, url, token, userAgent, timeoutMs, attempts, random, givenUp: undefined };
}

function checkAddress(text: string, token: string | undefined): string {
  const refuse = (why: string, hint: string) =>
    new BundlesError('CONFIG_INVALID', `Cannot use the catalog ${JSON.stringify(redactUrl(text))}: ${why}`, {
      hint,
    });
  const wanted = 'Write http://HOST:PORT or https://HOST, with a path where the service has one';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('it is not a URL', wanted);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse('it is not http or https', wanted);
  if (url.username !== '' || url.password !== '')
    throw refuse('it holds a user or a password', 'Give a token in DATASTORAGE_TOKEN instead');
  if (url.search !== '' || url.hash !== '') throw refuse('it holds a query or a fragment', wanted);
  if (token !== undefined && !/^[\u0021-\u007e]+$/.test(token))
    throw refuse('the token holds white space or other characters that no header can', 'Look at the token');
  if (token !== undefined && url.protocol === 'http:' && !isInside(url.hostname))
    throw refuse('a token would cross a network unprotected', 'Use https, or a name inside the cluster');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Loopback, private addresses, and the names of a cluster's own services. */
function isInside(hostname: string): boolean {
  const place = locationOfHost(hostname);
  return place !== 'public' || !hostname.includes('.') || /\.(?:svc|local|internal)\.?$/i.test(hostname);
}
