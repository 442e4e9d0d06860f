import type { IncomingMessage } from 'node:http';

const messages = new WeakMap<Request, IncomingMessage>();

/** Remembers where a served request's body comes from; from then on nobody may touch its `body`. */
export function rememberIncoming(request: Request, message: IncomingMessage): void {
  messages.set(request, message);
}

/**
 * The pieces of a request's body as they arrive. From a socket they come without the web stream that `body` would
 * make: a Request with one is not freed before the next full garbage collection. Fails when the client breaks off; who
 * stops early leaves the rest unread.
 */
export async function* bodyPieces(request: Request): AsyncGenerator<Uint8Array> {
  const message = messages.get(request);
  if (message) {
    yield* message.iterator({ destroyOnReturn: false });
    return;
  }
  if (request.body === null) return;
  const reader = request.body.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (value) yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
