import type { NetworkReason } from '../failure.js';
import type { HttpRequest } from '../message.js';
import { NetworkError } from '../network-error.js';

/** How a request under way is ended from our side: by its signal, by a closed transport, or by anyone who follows it. */
export interface RequestEnd {
  /** Why it was ended; undefined while it was not. */
  readonly stopped: { readonly reason: unknown } | undefined;
  /** Ends it, for this reason; the first reason counts. */
  stop(reason: unknown): void;
  stopAs(reason: NetworkReason, errno?: string): void;
  /** Nothing can end it any more. */
  letGo(): void;
}

export interface EndActions {
  /** Takes the request back from the wire. */
  readonly cancel: () => void;
  /** Called with the reason. */
  readonly fail: (reason: unknown) => void;
  /** Ends the timers of the request. */
  readonly clear: () => void;
}

/** Listens for what may end the request, until it is let go; `running` holds how to end each one under way. */
export function watchRequestEnd(
  { method, url, signal }: HttpRequest,
  running: Set<() => void>,
  { cancel, fail, clear }: EndActions,
): RequestEnd {
  let stopped: RequestEnd['stopped'];
  const stop = (reason: unknown) => {
    stopped ??= { reason };
    cancel();
    fail(stopped.reason);
    letGo();
  };
  const stopAs = (reason: NetworkReason, errno?: string) => {
    const cause = errno === undefined ? undefined : Object.assign(new Error(reason), { code: errno });
    stop(new NetworkError(reason, { method, url, errno, cause }));
  };
  const aborted = () => stop(signal?.reason);
  const closed = () => stopAs('closed');
  signal?.addEventListener('abort', aborted, { once: true });
  running.add(closed);
  const letGo = () => {
    clear();
    signal?.removeEventListener('abort', aborted);
    running.delete(closed);
  };
  return {
    get stopped() {
      return stopped;
    },
    stop,
    stopAs,
    letGo,
  };
}
