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
