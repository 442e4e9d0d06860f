import { isNetworkError, type NetworkError } from '../../../src/http/network-error.js';

/** The NetworkError that a request ends with; anything else fails the test. */
export async function failure(promise: Promise<unknown>): Promise<NetworkError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isNetworkError(error)) throw new Error(`no NetworkError: ${String(error)}`);
  return error;
}
