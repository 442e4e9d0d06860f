import type { Keychain } from '../auth/credential.js';
import { readProxySettings } from '../http/connect/proxy-settings.js';
import type { Send } from '../http/message.js';
import { observeSend, type WireExchange } from '../http/observe.js';
import type { RunContext } from './machine.js';

/** What `--debug` puts around everything that is sent: each exchange is written at once, so that its lines stand together. */
export function createWireLog(
  { stderr, clock, environment }: Pick<RunContext, 'stderr' | 'clock' | 'environment'>,
  keychain: Pick<Keychain, 'secrets'>,
): (send: Send) => Send {
  const proxies = readProxySettings(environment)?.secrets ?? [];
  const secrets = () => [...keychain.secrets(), ...proxies];
  return (send) => observeSend(send, (one) => showExchange(one).forEach(stderr.line), { clock, secrets });
}

/** One exchange as lines that belong together: the request and its answer, then their headers. */
export function showExchange(exchange: WireExchange): string[] {
  const { number, method, url, requestHeaders, requestBytes, responseHeaders } = exchange;
  const sent = requestBytes === 0 ? '' : `, ${requestBytes} bytes sent`;
  const mark = `[${number}]`;
  return [
    `${mark} ${method} ${url}`,
    `${mark} ${outcome(exchange)} after ${exchange.durationMs} ms${sent}`,
    ...Object.entries(requestHeaders).map(([name, value]) => `${mark}   > ${name}: ${value}`),
    ...Object.entries(responseHeaders).map(([name, value]) => `${mark}   < ${name}: ${value}`),
  ];
}

function outcome({ status, failure, http2 }: WireExchange): string {
  if (status === null) return `no answer (${failure ?? 'unknown'})`;
  const protocol = http2 === undefined ? '' : ` by HTTP/${http2 ? '2' : '1.1'}`;
  return `${status}${protocol}`;
}
