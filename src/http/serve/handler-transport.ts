import { outgoingLength } from '../connect/outgoing-body.js';
import type { HeaderFields, Send } from '../message.js';

/** Answers requests in this process: every server of this package is one. */
export type Fetch = (request: Request) => Promise<Response>;

/**
 * Sends requests to a handler in this process, as if there were a connection between them: a registry in a test needs no port.
 *
 * @example
 * ```ts
 * import { createRegistryClient, sendTo } from 'tekton-bundles/registry';
 * import { createRegistryHandler } from 'tekton-bundles/server';
 *
 * const send = sendTo(createRegistryHandler({ root: 'registry' }));
 * const client = createRegistryClient({ send });
 * const repository = client.repository({ registry: 'registry.example', repository: 'acme/hello' });
 * console.log(await repository.peek('v1')); // undefined
 * ```
 */
export function sendTo(handler: Fetch): Send {
  return async (sent) => {
    const { method, url, headers, body, signal } = sent;
    const length = outgoingLength(sent);
    const request = new Request(url, {
      method,
      headers: length === undefined ? headers : { ...headers, 'content-length': String(length) },
      body: body as Uint8Array<ArrayBuffer> | undefined,
      redirect: 'manual',
      signal,
    });
    const response = await handler(request);
    if (response.type === 'error') {
      throw Object.assign(new Error('the handler broke the connection'), { code: 'ECONNRESET' });
    }
    const reader = response.body?.getReader();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers) as HeaderFields,
      body: reader && {
        next: async () => (await reader.read()).value,
        close: () => reader.cancel().catch(() => undefined),
      },
    };
  };
}
