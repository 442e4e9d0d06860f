import type { Fault } from '../fault.js';

/** The connection breaks without an answer, and nothing was done. */
export function reset(): Fault {
  return async (request) => {
    await request.body?.cancel();
    return Response.error();
  };
}

/** The request is carried out, but the connection breaks before the response. */
export function loseReply(): Fault {
  return async (request, next) => {
    const answer = await next(request);
    await answer.body?.cancel();
    return Response.error();
  };
}

/** The answer's head arrives and so many bytes of its body, then the connection breaks. */
export function resetMidBody({ after = 10 }: { readonly after?: number } = {}): Fault {
  return async (request, next, { clock }) => {
    const answer = await next(request);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const pieces = [bytes.subarray(0, Math.min(after, bytes.length - 1))];
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const piece = pieces.shift();
          if (piece) return controller.enqueue(piece);
          // So that the piece is on its way before the connection breaks.
          await clock.sleep(5);
          controller.error(Object.assign(new Error('the connection breaks'), { code: 'ECONNRESET' }));
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, answer);
  };
}

/** No answer, ever. */
export function hang(): Fault {
  return (request) =>
    new Promise((_resolve, reject) => {
      const leave = () => reject(request.signal.reason);
      if (request.signal.aborted) leave();
      else request.signal.addEventListener('abort', leave, { once: true });
    });
}

/** The answer takes so many milliseconds longer. */
export function delay(ms: number): Fault {
  return async (request, next, { clock }) => {
    await clock.sleep(ms, request.signal);
    return next(request);
  };
}
