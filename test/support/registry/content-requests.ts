import type { LoggedRequest } from './docker-registry.js';

/**
 * What was asked about manifests and blobs, sorted. The registry chooses the names of uploads, and whether it takes one in a
 * single step each process finds out by its first.
 */
export function contentRequests(requests: readonly LoggedRequest[]): string[] {
  return requests
    .filter(({ path }) => /\/(?:manifests|blobs)\//.test(path))
    .map(({ method, path, status }) => {
      const begun = method === 'POST' ? path.replace(/\?.*/, '') : path;
      const named = begun.replace(/uploads\/[^?]+/, 'uploads/ID').replace(/_state=[^&]+/, '_state=STATE');
      return `${method} ${named} ${status}`;
    })
    .sort();
}

/** Those of the requests that are not among the expected, each counted as often as it came. */
export function surplusOf(requests: readonly string[], expected: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const one of expected) left.set(one, (left.get(one) ?? 0) + 1);
  return requests.filter((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count <= 0;
  });
}

/** The requests that `--debug` reports without an answer, or with one after which they are sent again. */
export function failedRequests(stderr: string): string[] {
  const pattern = /^\[\d+\] ([A-Z]+ .*)\n\[\d+\] ((?:no answer|408|425|429|499|5\d\d)\b.*)$/gm;
  return [...stderr.matchAll(pattern)].map(([, request, outcome]) => `${request}: ${outcome}`);
}
