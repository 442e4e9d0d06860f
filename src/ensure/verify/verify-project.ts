import { createLimiter } from '../../async/limiter.js';
import { withSharedSignal } from '../../async/shared-signal.js';
import { createTurns } from '../../async/turns.js';
import type { CallOptions } from '../../content/store.js';
import { toBundlesError } from '../../errors.js';
import { createImageResolver } from '../../images/image-resolver.js';
import { formatReference } from '../../oci/reference.js';
import type { LockEntry } from '../../project/lock/lock.js';
import { readLock } from '../../project/lock/lock-file.js';
import type { BundleSpec } from '../../project/project.js';
import { reportedError } from '../../publish/reported-error.js';
import { buildLocalBundle } from '../bundle/local-bundle.js';
import { declaredNames } from '../bundle/record-committed.js';
import { planRecord } from '../bundle/record-plan.js';
import type { Run } from '../run.js';
import { readBundleFiles } from '../schemas/schema-file.js';
import type { ServedBundle } from '../workflows/plan-workflows.js';
import { selectDeclared } from '../workflows/select-declared.js';
import type { VerifySettings, VerifySubject } from './link.js';
import { links } from './links.js';
import { deviates, type VerifiedBundle, type VerifiedLink, type VerifyResult } from './verify-result.js';

const atOnce = 32;

/**
 * Follows the whole chain of each bundle, sources → lock → registry → schema, and reports every link whose two ends
 * disagree. Writes nothing.
 *
 * @throws USAGE for an unknown name, LOCK_INVALID, NOT_READABLE, and the signal's reason
 */
export async function verifyProject(
  run: Run,
  settings: VerifySettings = {},
  call: CallOptions = {},
): Promise<VerifyResult> {
  const options = withSharedSignal(call);
  const started = run.clock.now();
  const { bundles: specs, workflows: declaredWorkflows } = selectDeclared(run.project, run.names);
  const lock = await readLock(run.lock.read, options);
  const turn = createTurns();
  const limiter = createLimiter(atOnce);
  const served = new Map<string, ServedBundle>();
  const bundles = await Promise.all(
    specs.map((spec) => {
      const entry = lock.entries.get(spec.name);
      const task = { run, settings, spec, entry, turn, served };
      return limiter.run(() => verifyBundle(task, options), options.signal);
    }),
  );
  const request = { specs: declaredWorkflows, lock, bundles: served };
  const workflows =
    declaredWorkflows.length > 0
      ? await (await import('./verify-workflows.js')).verifyWorkflows(run, request, options)
      : [];
  const all = [...bundles, ...workflows];
  const declared = declaredNames(run);
  const count = (state: VerifiedBundle['state']) => all.filter((one) => one.state === state).length;
  return {
    version: 1,
    bundles,
    workflows,
    undeclared:
      run.names.length > 0
        ? []
        : [
            ...[...lock.entries.keys()].filter((name) => !declared.bundles.has(name)),
            ...[...lock.workflows.keys()].filter((name) => !declared.workflows.has(name)),
          ],
    summary: {
      ok: count('ok'),
      drift: count('drift'),
      unknown: count('unknown'),
      failed: count('failed'),
      requests: all.reduce((sum, { requests }) => sum + requests, 0),
      durationMs: Math.round(run.clock.now() - started),
    },
    error: null,
  };
}

interface VerifyTask extends Pick<VerifySubject, 'run' | 'settings'> {
  readonly spec: BundleSpec;
  readonly entry: LockEntry | undefined;
  readonly turn: () => Promise<void>;
  /** Gets each bundle as the lock pins it, for the workflows that run it. */
  readonly served: Map<string, ServedBundle>;
}

async function verifyBundle(task: VerifyTask, options: CallOptions): Promise<VerifiedBundle> {
  const { spec, entry } = task;
  const known = {
    name: spec.name,
    reference: formatReference(spec.reference),
    digest: entry?.digest ?? null,
  };
  if (!entry) {
    const expected = known.reference;
    const missing: VerifiedLink = { link: 'lock', ...deviates('drift', 'missing', { expected }) };
    return { ...known, state: 'drift', links: [missing], requests: 0, error: null };
  }
  let requests = 0;
  const countRequest = () => void requests++;
  try {
    const subject = await prepare(task, { entry, countRequest }, options);
    const { pinned, objects } = subject.plan;
    const { reference, digest } = entry;
    task.served.set(spec.name, { reference, digest, pinned, objects, fellBack: false });
    const found = await Promise.all(links.map((link) => checkLink(link, subject, options)));
    const all = found.filter((one) => one !== undefined);
    return { ...known, state: stateOf(all), links: all, requests, error: null };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { ...known, state: 'failed', links: [], requests, error: reportedError(error) };
  }
}

/** Builds the bundle as the lock states, and plans the content of the committed files for the pinned digest. */
async function prepare(
  { run, settings, spec, turn }: VerifyTask,
  { entry, countRequest }: Pick<VerifySubject, 'entry' | 'countRequest'>,
  options: CallOptions,
): Promise<VerifySubject> {
  const { project, registries } = run;
  const ask = createImageResolver(registries?.registry);
  const images: typeof ask = (image, call) => ask(image, { ...call, onRequest: countRequest });
  const local = await buildLocalBundle({ project, spec, entry, created: undefined, turn, images }, options);
  const plan = await planRecord({
    projectFile: project.file,
    local,
    pinned: { digest: entry.digest, created: entry.created, objects: entry.objects },
    locked: entry,
    files: await readBundleFiles(run, spec),
    objects: local.built.schemaObjects,
    images: local.built.images,
  });
  const repository = registries?.registry.repository(spec.reference, { onRequest: countRequest });
  return { run, settings, spec, entry, local, plan, repository, countRequest };
}

async function checkLink(
  link: (typeof links)[number],
  subject: VerifySubject,
  options: CallOptions,
): Promise<VerifiedLink | undefined> {
  try {
    const finding = await link.check(subject, options);
    return finding && { link: link.name, ...finding };
  } catch (error) {
    options.signal?.throwIfAborted();
    const { code, message } = toBundlesError(error);
    const reason = code === 'REGISTRY_DENIED' ? 'denied' : 'unreachable';
    if (code === 'UNEXPECTED') throw error;
    return { link: link.name, ...deviates('unknown', reason, { differences: [message] }) };
  }
}

function stateOf(found: readonly VerifiedLink[]): VerifiedBundle['state'] {
  if (found.some(({ state }) => state === 'drift')) return 'drift';
  return found.some(({ state }) => state === 'unknown') ? 'unknown' : 'ok';
}
