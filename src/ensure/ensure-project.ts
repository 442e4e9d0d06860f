import { createLimiter } from '../async/limiter.js';
import { withSharedSignal } from '../async/shared-signal.js';
import type { CallOptions } from '../content/store.js';
import { requireInside } from '../fs/require-inside.js';
import type { Lock } from '../project/lock/lock.js';
import { readLock } from '../project/lock/lock-file.js';
import { updateState } from '../project/state/state-file.js';
import { reportedError } from '../publish/reported-error.js';
import { bundleNote } from './audit-notes.js';
import { openBuildCache } from './bundle/build-cache.js';
import { type BundleReport, ensureBundle } from './bundle/ensure-bundle.js';
import { record } from './bundle/record.js';
import { registerBundles } from './register-bundles.js';
import { type BundleResult, type EnsureResult, summarize } from './result.js';
import type { Run } from './run.js';
import { selectBundles } from './select-bundles.js';

/** Bundles that are built and asked for at once: so many that a host that does not answer is waited for only once. */
const inFlight = 128;

/**
 * Makes sure of all bundles of a project, or of the named ones, and records what came of it. One bundle's failure
 * stops neither the others nor the record; `error` is set where the record itself could not be made.
 *
 * @throws USAGE for an unknown name, LOCK_INVALID, NOT_READABLE, NOT_WRITABLE, and the signal's reason
 */
export async function ensureProject(given: Run, call: CallOptions = {}): Promise<EnsureResult> {
  const options = withSharedSignal(call);
  const run = { ...given, cache: given.frozen ? undefined : await openBuildCache(given.stateDirectory) };
  const started = run.clock.now();
  const specs = selectBundles(run.project, run.names);
  if (run.schemas && !run.project.overridden)
    await requireInside(run.project.directory, run.schemas.directory);
  const lock = await readLock(run.lock.read, options);
  run.registries?.registry.announce(specs.map(({ reference }) => reference));
  run.onEvent({ type: 'started', bundles: specs.map(({ name }) => name) });
  const limiter = createLimiter(inFlight);
  const reports = await Promise.all(
    specs.map((spec) => {
      const locked = lock.entries.get(spec.name);
      return limiter.run(() => ensureAndTell(run, { spec, locked }, options), options.signal);
    }),
  );
  const { bundles, error } = await endRun(run, { reports, lock }, options);
  return { version: 1, bundles, summary: summarize(bundles, run.clock.now() - started), error };
}

/** The audit trail is told at once, and not waited for. */
async function ensureAndTell(
  run: Run,
  request: Parameters<typeof ensureBundle>[1],
  options: CallOptions,
): Promise<BundleReport> {
  const report = await ensureBundle(run, request, options);
  const note = run.audit && bundleNote(report.result);
  if (note) void run.audit?.record(note);
  return report;
}

/** What comes last: the record, then the catalog, then the state, which has the outcome of all. */
async function endRun(
  run: Run,
  { reports, lock }: { readonly reports: readonly BundleReport[]; readonly lock: Lock },
  options: CallOptions,
): Promise<Pick<EnsureResult, 'bundles' | 'error'>> {
  if (run.mode === 'check') return { bundles: await registerBundles(run, reports, options), error: null };
  let bundles = reports.map(({ result }): BundleResult => result);
  let error: EnsureResult['error'] = null;
  const attempt = async (task: () => Promise<void>) => {
    try {
      await task();
    } catch (thrown) {
      options.signal?.throwIfAborted();
      error ??= reportedError(thrown);
    }
  };
  await attempt(async () => {
    await record(run, { reports, lock }, options);
    bundles = [...(await registerBundles(run, reports, options))];
  });
  await attempt(() =>
    updateState(run.stateDirectory, { results: bundles }, { clock: run.clock, ...options }),
  );
  await run.cache?.save();
  return { bundles, error };
}
