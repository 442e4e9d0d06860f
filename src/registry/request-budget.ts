import { BundlesError } from '../errors.js';

/** How many requests a run may still send; clients may share one. */
export interface RequestBudget {
  /** Called before each request. @throws REQUEST_LIMIT when none is left */
  take(): void;
  /** For a request that reached nobody and is not counted. */
  giveBack(): void;
}

/** A budget of `limit` requests; nothing is sent beyond it. */
export function createRequestBudget(limit: number): RequestBudget {
  let left = limit;
  return {
    take() {
      if (left <= 0) {
        throw new BundlesError(
          'REQUEST_LIMIT',
          `Cannot send another request: ${limit} were sent, and no more are allowed`,
          {
            hint: 'Raise --max-requests, or name fewer bundles; --verbose tells what the requests were for',
            details: { limit },
          },
        );
      }
      left--;
    },
    giveBack() {
      left++;
    },
  };
}

export const unlimited: RequestBudget = { take: () => undefined, giveBack: () => undefined };
