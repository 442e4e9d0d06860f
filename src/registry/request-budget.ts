import { BundlesError } from '../errors.js';

/** How many requests a run may still send; clients may share one. */
export interface RequestBudget {
  /** Called before each request. @throws REQUEST_LIMIT when none is left */
  take(): void;
  /** For a request that reached nobody and is not counted. */
  giveBack(): void;
}

export interface RequestBudgetOptions {
  /** Called with the error whenever a request beyond the limit is wanted. */
  readonly onSpent?: (error: BundlesError) => void;
}

/** A budget of `limit` requests; nothing is sent beyond it. */
export function createRequestBudget(limit: number, { onSpent }: RequestBudgetOptions = {}): RequestBudget {
  let left = limit;
  return {
    take() {
      if (left <= 0) {
        const error = new BundlesError(
          'REQUEST_LIMIT',
          `Cannot send another request: no more than ${limit} are allowed`,
          {
            hint: 'Raise --max-requests, or name fewer bundles; --verbose prints what the requests were for',
            details: { limit },
          },
        );
        onSpent?.(error);
        throw error;
      }
      left--;
    },
    giveBack() {
      left++;
    },
  };
}

export const unlimited: RequestBudget = { take: () => undefined, giveBack: () => undefined };
