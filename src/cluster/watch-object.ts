import type { Clock } from '../async/clock.js';
import type { CallOptions } from '../content/store.js';
import type { Cluster } from './open-cluster.js';

export interface WatchedObject {
  /** Path of its collection at the API, e.g. `/apis/apps/v1/namespaces/NAMESPACE/deployments`. */
  readonly path: string;
  readonly name: string | undefined;
  /** Changes after this version. Default: the object as it is, too. */
  readonly resourceVersion?: string | undefined;
}

export interface WatchObjectOptions<T> extends CallOptions {
  readonly clock: Clock;
  /** How long to wait. */
  readonly ms: number;
  /** True for what is waited for. Default: any change. */
  readonly until?: (object: T) => boolean;
}

/** `ended`: the API ended the watch, or refused it; `cause` states why, as far as it is known. */
export type WatchEnd = { readonly is: 'seen' | 'late' } | { readonly is: 'ended'; readonly cause: unknown };

/** Waits on a watch of one object. Rejects with the signal's reason. */
export async function watchObject<T>(
  cluster: Cluster,
  { path, name, resourceVersion }: WatchedObject,
  { clock, ms, until = () => true, signal }: WatchObjectOptions<T>,
): Promise<WatchEnd> {
  signal?.throwIfAborted();
  const { Watch } = await import('@kubernetes/client-node');
  const enough = new AbortController();
  const stop = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const query = { fieldSelector: `metadata.name=${name}`, resourceVersion };
  try {
    return await new Promise<WatchEnd>((resolve, reject) => {
      const ended = (cause: unknown) => resolve({ is: 'ended', cause });
      clock.sleep(ms, stop).then(
        () => resolve({ is: 'late' }),
        () => signal?.aborted && reject(signal.reason),
      );
      const seen = (_type: string, object: T) => {
        if (until(object)) resolve({ is: 'seen' });
      };
      new Watch(cluster.config).watch(path, query, seen, ended).then((watch) => {
        if (stop.aborted) watch.abort();
        else stop.addEventListener('abort', () => watch.abort(), { once: true });
      }, ended);
    });
  } finally {
    enough.abort();
  }
}
