import { createNodeTransport, type NodeTransportOptions } from '../../../src/http/connect/node-transport.js';
import type { HeaderFields, Send } from '../../../src/http/message.js';
import type { Fetch } from '../../../src/http/serve/handler-transport.js';

export interface FetchTransport extends Fetch {
  close(): Promise<void>;
}

/** The transport over sockets by the web's own Request and Response, which tests read more easily. */
export function createFetchTransport(options?: NodeTransportOptions): FetchTransport {
  const transport = createNodeTransport(options);
  return Object.assign(fetchBy(transport), { close: () => transport.close() });
}

/** A Fetch that sends by plain records. */
function fetchBy(send: Send): Fetch {
  return async (request) => {
    const { method, signal } = request;
    const bytes = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const { status, headers, body } = await send({
      method,
      url: new URL(request.url),
      headers: Object.fromEntries(request.headers) as HeaderFields,
      body: bytes,
      signal,
    });
    const stream =
      body &&
      new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const piece = await body.next();
            if (piece === undefined) controller.close();
            else controller.enqueue(piece);
          },
          cancel: () => body.close(),
        },
        { highWaterMark: 0 },
      );
    return new Response(stream ?? null, { status, headers: { ...headers } });
  };
}
