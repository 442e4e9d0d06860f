import type { EnsureOptions } from './ensure.js';
import type { EnsureResult } from './result.js';
import type { VerifyOptions } from './verify/verify.js';
import type { VerifyResult } from './verify/verify-result.js';

/**
 * Makes sure that every declared bundle of a project, or each one in `names`, is on its registry exactly as the sources define it:
 * reuses it, publishes it where that is allowed, or puts it on the fallback; then writes lock and schemas and registers
 * workflows. It is what the command `bundles ensure` runs, with the same defaults, the same credentials of this machine and the
 * same files; with `mode: 'check'` it is `bundles check`, which changes nothing.
 *
 * A bundle that fails is reported in its result (`error`); the other bundles and their records are completed. Times are in
 * milliseconds (`summary.durationMs`), `timeout` and `connectTimeout` are in seconds. The first call loads the program, which
 * takes less than 0.1 s.
 *
 * @returns the document that `bundles ensure --output json` prints
 * @throws BundlesError for what concerns the whole run, before anything is published: USAGE, CONFIG_NOT_FOUND, CONFIG_INVALID,
 *   LOCK_INVALID, CREDENTIALS_INVALID, TRUST_REQUIRED, NOT_READABLE, NOT_WRITABLE; REQUEST_LIMIT; the signal's reason where it is
 *   aborted
 * @example
 * ```ts
 * import { ensure } from 'tekton-bundles';
 *
 * const { bundles, summary } = await ensure({ config: 'bundles.yaml', offline: true });
 * for (const { name, outcome, reason } of bundles) console.log(name, outcome, reason);
 * // failing fallback offline
 * // hello-world fallback offline
 * console.log(summary.failed); // 0
 * ```
 */
export async function ensure(options: EnsureOptions = {}): Promise<EnsureResult> {
  const loaded = await import('./ensure.js');
  return loaded.ensure(options);
}

/**
 * Follows every link of each declared bundle (sources, lock, registry, schema, catalog) and reports where two of them disagree.
 * It writes nothing. A registry that does not answer makes a link `unknown`; the call does not reject for it.
 *
 * `summary.durationMs` is in milliseconds, `timeout` and `connectTimeout` are in seconds.
 *
 * @returns what `bundles verify --output json` prints about links
 * @throws BundlesError for what concerns the whole run: USAGE, CONFIG_NOT_FOUND, CONFIG_INVALID, LOCK_INVALID,
 *   CREDENTIALS_INVALID, TRUST_REQUIRED, NOT_READABLE; the signal's reason where it is aborted
 * @example
 * ```ts
 * import { verify } from 'tekton-bundles';
 *
 * const { bundles } = await verify({ config: 'bundles.yaml', offline: true });
 * for (const { name, state } of bundles) console.log(name, state);
 * // failing ok
 * // hello-world ok
 * ```
 */
export async function verify(options: VerifyOptions = {}): Promise<VerifyResult> {
  const loaded = await import('./verify/verify.js');
  return loaded.verify(options);
}
