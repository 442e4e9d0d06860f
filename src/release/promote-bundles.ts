import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { createLimiter } from '../async/limiter.js';
import { withSharedSignal } from '../async/shared-signal.js';
import { createRegistryLedger, type RegistryLedger } from '../content/blob-ledger.js';
import { openLayoutStore } from '../content/layout/layout-store.js';
import type { CallOptions } from '../content/store.js';
import { registryRoot } from '../ensure/create-run.js';
import { selectBundles } from '../ensure/select-bundles.js';
import { formatReference, parseReference, type Reference } from '../oci/reference.js';
import type { BundleSpec, Project } from '../project/project.js';
import { updateState } from '../project/state/state-file.js';
import { requireNameable } from '../publish/nameable.js';
import { reportedError } from '../publish/reported-error.js';
import type { RegistryClient } from '../registry/client.js';
import { layoutDirectory } from '../registry-server/layout-directory.js';
import type { Trusted } from '../signing/verify-signatures.js';
import { type CopiedBundle, copyBundle } from './copy-bundle.js';
import { type PinnedBundle, readPinnedBundles } from './pinned-bundle.js';
import type { PromotedBundle, PromoteResult } from './promote-result.js';

export interface PromoteRequest {
  readonly project: Project;
  readonly names?: readonly string[];
  /** Bundle NAME goes to `to`/NAME. Default: what fell back goes to its declared repository, where the rest is. */
  readonly to?: string | undefined;
  /** Tags at `to`, the fixed one first. Default: the declared tag; at the declared repository the moving ones too. */
  readonly tags?: readonly string[];
  /** Move tags that look like fixed versions. Default false. */
  readonly force?: boolean;
  /** Whether a digest first gets a separate tag when its tag moves. Default true. */
  readonly keepOld?: boolean | undefined;
  /** Leave referrers and signatures behind. Default false. */
  readonly alone?: boolean;
  /** As for copyBundle. */
  readonly keys?: readonly Trusted[] | undefined;
  readonly stateDirectory?: string | undefined;
  readonly lockFile?: string | undefined;
}

export interface PromoteEnvironment {
  readonly client: RegistryClient;
  readonly clock: Clock;
}

const atOnce = 4;

/**
 * Copies pinned bundles, by the digest of the lock, to another repository, or from a fallback to their declared
 * repository. One bundle's failure does not stop the others; `error` is set if the state could not be written.
 *
 * @throws USAGE for an unknown name, REFERENCE_INVALID, and the signal's reason
 */
export async function promoteBundles(
  request: PromoteRequest,
  { client, clock }: PromoteEnvironment,
  call: CallOptions = {},
): Promise<PromoteResult> {
  const options = withSharedSignal(call);
  const { project, names = [] } = request;
  const state = request.stateDirectory ?? join(project.directory, '.bundles');
  const specs = selectBundles(project, names);
  for (const spec of specs) targetOf(request, spec);
  client.announce(specs.map(({ reference }) => reference));
  const session: PromoteSession = { request, client, clock, state, ledgers: new Map() };
  const limiter = createLimiter(atOnce);
  const reports = await Promise.all(
    specs.map((spec) => limiter.run(() => promoteOne(session, spec, options), options.signal)),
  );
  const bundles = reports.map(({ bundle }) => bundle);
  const error = await recordHome(session, reports, options);
  const count = (outcome: PromotedBundle['outcome']) =>
    bundles.filter((one) => one.outcome === outcome).length;
  return {
    version: 1,
    bundles,
    summary: {
      promoted: count('promoted'),
      unchanged: count('unchanged'),
      failed: count('failed'),
      bytes: bundles.reduce((sum, { copy }) => sum + (copy?.bytes ?? 0), 0),
      requests: bundles.reduce((sum, { requests }) => sum + requests, 0),
    },
    error,
  };
}

interface PromoteSession {
  readonly request: PromoteRequest;
  readonly client: RegistryClient;
  readonly clock: Clock;
  readonly state: string;
  readonly ledgers: Map<string, RegistryLedger>;
}

interface Promotion {
  readonly bundle: PromotedBundle;
  /** Undefined if the lock has no such bundle. */
  readonly pinned: PinnedBundle | undefined;
}

async function promoteOne(
  session: PromoteSession,
  spec: BundleSpec,
  options: CallOptions,
): Promise<Promotion> {
  const { request, state } = session;
  let requests = 0;
  let pinned: PinnedBundle | undefined;
  const empty = { name: spec.name, source: null, target: null, digest: null, copy: null, error: null };
  try {
    const { project, lockFile } = request;
    [pinned] = await readPinnedBundles({ project, specs: [spec], stateDirectory: state, lockFile }, options);
    if (!pinned) throw new RangeError('one bundle was selected');
    const { digest } = pinned.entry;
    const isHome = request.to === undefined && !pinned.fallback;
    if (isHome) return { bundle: { ...empty, outcome: 'unchanged', digest, requests }, pinned };
    const onRequest = () => void requests++;
    const moved = await move(session, { pinned, onRequest }, options);
    const changed =
      moved.copy.copied + moved.copy.mounted > 0 ||
      moved.copy.tags.some(({ action }) => action !== 'unchanged');
    const outcome = changed ? 'promoted' : 'unchanged';
    return { bundle: { ...empty, ...moved, outcome, digest, requests }, pinned };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { bundle: { ...empty, outcome: 'failed', requests, error: reportedError(error) }, pinned };
  }
}

async function move(
  { request, client, state, ledgers }: PromoteSession,
  { pinned, onRequest }: { readonly pinned: PinnedBundle; readonly onRequest: () => void },
  options: CallOptions,
): Promise<{ source: string; target: string; copy: CopiedBundle }> {
  const { spec, entry, fallback } = pinned;
  const { digest } = entry;
  const reference = targetOf(request, spec);
  const place = fallback && !fallback.layout ? parseReference(fallback.reference) : spec.reference;
  const directory = fallback?.layout
    ? layoutDirectory(registryRoot(state), spec.reference.repository)
    : undefined;
  const source = directory ? openLayoutStore(directory) : client.repository(place, { onRequest });
  const ledger = ledgers.get(reference.registry) ?? createRegistryLedger();
  ledgers.set(reference.registry, ledger);
  const isNear = !directory && place.registry === reference.registry;
  const copy = await copyBundle(
    {
      source,
      target: client.repository(reference, { onRequest }).forPush(),
      wanted: digest,
      tags: tagsOf(request, spec),
      force: request.force === true,
      keepOld: request.keepOld !== false,
      alone: request.alone === true,
      keys: request.keys,
      ledger: ledger.of(reference.repository, isNear ? place.repository : undefined),
    },
    options,
  );
  const from = directory ?? formatReference({ ...withoutTag(place), digest });
  return { source: from, target: formatReference({ ...reference, digest }), copy };
}

function withoutTag({ registry, repository }: Reference): Reference {
  return { registry, repository };
}

/** @throws REFERENCE_INVALID */
function targetOf(
  { to, tags }: PromoteRequest,
  { name, reference }: BundleSpec,
): Reference & { readonly tag: string } {
  const tag = tags?.[0] ?? reference.tag;
  const target = to === undefined ? reference : parseReference(`${to}/${name}:${tag}`);
  requireNameable(target);
  return { ...target, tag };
}

function tagsOf({ to, tags, project }: PromoteRequest, { reference }: BundleSpec): readonly string[] {
  if (tags && tags.length > 0) return tags;
  return to === undefined ? [reference.tag, ...project.moving] : [reference.tag];
}

/** What came home is not a fallback any more. */
async function recordHome(
  { request, state, clock }: PromoteSession,
  promotions: readonly Promotion[],
  options: CallOptions,
): Promise<PromoteResult['error']> {
  const home = promotions.flatMap(({ bundle, pinned }) =>
    pinned?.fallback && bundle.copy && isHome(request, pinned.spec) ? [{ bundle, pinned }] : [],
  );
  if (home.length === 0) return null;
  const results = home.map(({ bundle: { name, digest }, pinned: { entry } }) => {
    const pinned = `${entry.reference}@${entry.digest}`;
    const served = { reference: pinned, clusterReference: null, layout: null, live: true };
    const { reference } = entry;
    return {
      name,
      reference,
      verdict: 'present',
      outcome: 'published',
      reason: null,
      digest,
      pinned,
      served,
      workflow: null,
      error: null,
    };
  });
  try {
    await updateState(state, { results }, { clock, ...options });
    return null;
  } catch (error) {
    options.signal?.throwIfAborted();
    return reportedError(error);
  }
}

function isHome(request: PromoteRequest, spec: BundleSpec): boolean {
  return formatReference(targetOf(request, spec)) === formatReference(spec.reference);
}
