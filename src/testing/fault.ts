import type { Fetch } from '../http/serve/handler-transport.js';
import type { Stage } from './profile.js';

/** One way to go wrong: sees a request first, may pass it on to `next`, and answers. */
export type Fault = (request: Request, next: Fetch, stage: Stage) => Promise<Response>;

/** Which requests a fault is for; what is left out does not matter. */
export interface When {
  readonly method?: string | readonly string[];
  /** Matched against path and query. */
  readonly path?: RegExp;
  /** Only the nth of those that match, from 1. */
  readonly nth?: number | readonly number[];
  /** Only the first so many of those that match. */
  readonly first?: number;
}

/** Lets a fault happen to some requests only; each call counts for itself. */
export function on({ method, path, nth, first = Number.POSITIVE_INFINITY }: When, fault: Fault): Fault {
  const methods = method === undefined ? undefined : [method].flat();
  const numbers = nth === undefined ? undefined : [nth].flat();
  let count = 0;
  return async (request, next, stage) => {
    const { pathname, search } = new URL(request.url);
    const matches = (methods?.includes(request.method) ?? true) && (path?.test(pathname + search) ?? true);
    if (!matches) return next(request);
    count++;
    return count <= first && (numbers?.includes(count) ?? true) ? fault(request, next, stage) : next(request);
  };
}

/** The first fault sees a request first. */
export function withFaults(faults: readonly Fault[], next: Fetch, stage: Stage): Fetch {
  return faults.reduceRight<Fetch>((inner, fault) => (request) => fault(request, inner, stage), next);
}
