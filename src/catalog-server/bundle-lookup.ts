import type { Clock } from '../async/clock.js';
import { createLimiter } from '../async/limiter.js';
import { readBundle } from '../bundle/read-bundle.js';
import type { Served } from '../catalog-page/page-data.js';
import { openLayoutStore } from '../content/layout-store.js';
import type { ReadableStore } from '../content/store.js';
import { isBundlesError } from '../errors.js';
import { safeText } from '../http/safe-text.js';
import { parseReference, type Reference } from '../oci/reference.js';
import type { RegistryClient } from '../registry/client.js';
import { layoutDirectory } from '../registry-server/layout-directory.js';

/** Looks where the bundle of a workflow is today; what it found out is believed for a minute. */
export interface BundleLookup {
  /** What is known without asking anybody. */
  known(image: string | undefined): Served;
  served(image: string | undefined, options?: { readonly signal?: AbortSignal }): Promise<Served>;
  /** The Pipeline object of the bundle, or undefined where it cannot be had. */
  pipeline(image: string | undefined, options?: { readonly signal?: AbortSignal }): Promise<unknown>;
}

export interface BundleLookupOptions {
  /** Undefined where nobody may be asked. */
  readonly registry: RegistryClient | undefined;
  /** Directory of the embedded registry, whose files are read without it. */
  readonly layouts: string | undefined;
  readonly clock: Clock;
  /** How long a registry may take. Default 2,500. */
  readonly timeoutMs?: number;
}

const believedMs = 60_000;
const mostRemembered = 2_000;
const mostPipelines = 200;
const pipelineBytes = 4 * 1024 * 1024;

export function createBundleLookup({
  registry,
  layouts,
  clock,
  timeoutMs = 2_500,
}: BundleLookupOptions): BundleLookup {
  const limiter = createLimiter(8);
  const found = new Map<string, { readonly served: Served; readonly at: number }>();
  const pipelines = new Map<string, unknown>();

  const withDeadline = (signal?: AbortSignal) =>
    signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs);
  const remote = ({ registry: host, repository }: Reference): ReadableStore | undefined =>
    registry?.repository({ registry: host, repository });
  const local = ({ repository }: Reference): ReadableStore | undefined =>
    layouts === undefined ? undefined : openLayoutStore(layoutDirectory(layouts, repository));

  const askRemote = async (reference: PinnedReference, signal?: AbortSignal): Promise<Served> => {
    const store = remote(reference);
    if (store === undefined) return { state: 'unknown', note: 'No registry is asked' };
    try {
      await store.resolve(reference.digest, { signal: withDeadline(signal) });
      return { state: 'served', note: `${reference.registry} serves this digest` };
    } catch (error) {
      return stateOf(error, reference);
    }
  };
  const ask = async (reference: PinnedReference, signal?: AbortSignal): Promise<Served> => {
    const answer = await limiter.run(() => askRemote(reference, signal));
    if (answer.state === 'served') return answer;
    const kept = await local(reference)
      ?.resolve(reference.digest)
      .then(
        () => true,
        () => false,
      );
    return kept ? { state: 'kept', note: `This machine keeps it; ${answer.note ?? answer.state}` } : answer;
  };

  return {
    known(image) {
      const reference = pinned(image);
      if (reference === undefined) return notPinned;
      const known = found.get(image ?? '');
      return known && clock.now() - known.at < believedMs ? known.served : { state: 'unknown' };
    },
    async served(image, { signal } = {}) {
      const reference = pinned(image);
      if (image === undefined || reference === undefined) return notPinned;
      const known = found.get(image);
      if (known && clock.now() - known.at < believedMs) return known.served;
      const served = await ask(reference, signal);
      if (found.size >= mostRemembered) found.clear();
      found.set(image, { served, at: clock.now() });
      return served;
    },
    async pipeline(image, { signal } = {}) {
      const reference = pinned(image);
      if (reference === undefined) return undefined;
      if (pipelines.has(reference.digest)) return pipelines.get(reference.digest);
      for (const store of [local(reference), remote(reference)]) {
        const pipeline = await readPipeline(store, reference, withDeadline(signal)).catch(() => undefined);
        if (pipeline === undefined) continue;
        if (pipelines.size >= mostPipelines) pipelines.clear();
        pipelines.set(reference.digest, pipeline);
        return pipeline;
      }
      return undefined;
    },
  };
}

type PinnedReference = Reference & { readonly digest: NonNullable<Reference['digest']> };

const notPinned: Served = { state: 'unpinned', note: 'The image is not pinned by digest' };

function pinned(image: string | undefined): PinnedReference | undefined {
  try {
    const reference = parseReference(image ?? '');
    return reference.digest === undefined ? undefined : { ...reference, digest: reference.digest };
  } catch {
    return undefined;
  }
}

function stateOf(error: unknown, { registry }: Reference): Served {
  if (isBundlesError(error, 'NOT_FOUND')) return { state: 'absent', note: `${registry} has no such digest` };
  if (isBundlesError(error, 'REGISTRY_DENIED')) return { state: 'denied', note: `${registry} will not say` };
  const reason = error instanceof Error ? safeText(error.message, { max: 160 }) : '';
  return { state: 'unreachable', note: `${registry} gave no answer: ${reason}` };
}

/** The one named `workflow`, as the controller wants it, else the first. */
async function readPipeline(
  store: ReadableStore | undefined,
  { digest }: PinnedReference,
  signal: AbortSignal,
): Promise<unknown> {
  if (store === undefined) return undefined;
  const bundle = await readBundle(store, digest, { signal });
  const indexes = bundle.objects.flatMap(({ kind }, index) => (kind === 'pipeline' ? [index] : []));
  const index = indexes.find((one) => bundle.objects[one]?.name === 'workflow') ?? indexes[0];
  if (index === undefined) return undefined;
  const bytes = await bundle.readObject(index, { signal });
  if (bytes.length > pipelineBytes) return undefined;
  const { load } = await import('js-yaml');
  return load(new TextDecoder().decode(bytes));
}
