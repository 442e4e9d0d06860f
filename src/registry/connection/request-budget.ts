import { BundlesError } from '../../errors.js';

/** How many requests a run may still send; clients may share one. */
export interface RequestBudget {
  /** Called before each request. @throws REQUEST_LIMIT when none is left */
  take(): void;
  /** For a request that reached no server and is not counted. */
  giveBack(): void;
}

/** Called when a budget is spent. */
export interface RequestBudgetOptions {
  /** Called with the error whenever a request beyond the limit is wanted. */
  readonly onSpent?: (error: BundlesError) => void;
}

/**
 * A budget of `limit` requests for one or several registry clients; a request beyond it is not sent.
 *
 * @throws REQUEST_LIMIT from the call that wants another request
 * @example
 * ```ts
 * import { createNodeTransport, createRegistryClient, createRequestBudget, isRegistryError } from 'tekton-bundles/registry';
 * import { isBundlesError } from 'tekton-bundles';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using server = await startRegistry();
 * const send = createNodeTransport();
 * const client = createRegistryClient({ send, budget: createRequestBudget(1) });
 * const repository = client.repository({ registry: server.host, repository: 'acme/hello' });
 * const error = await repository.resolve('v1').catch((reason: unknown) => reason);
 * console.log(isBundlesError(error, 'REQUEST_LIMIT'), isRegistryError(error)); // true false
 * await send.close();
 * ```
 */
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
