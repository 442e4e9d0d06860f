import type { RunningServer } from '../../http/serve/serve.js';

/** Where a server listens, as a client on this machine addresses it, and who else may. */
export function showAddress({ url, host }: Pick<RunningServer, 'url' | 'host'>): string {
  if (host !== '0.0.0.0' && host !== '::') return url;
  return `${url}, listening on every address of this machine (${host})`;
}
