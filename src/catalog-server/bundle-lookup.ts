import type { Clock } from '../async/clock.js';
import { createLimiter } from '../async/limiter.js';
import { readBundle } from '../bundle/read-bundle.js';
import type { Served } from '../catalog-page/page-data.js';
import { openLayoutStore } from '../content/layout/layout-store.js';
import type { ReadableStore } from '../content/store.js';
import { isBundlesError } from '../errors.js';
import { shorten } from '../http/shorten.js';
import { parseReference, type Reference } from '../oci/reference.js';
import type { RegistryClient } from '../registry/client.js';
import { layoutDirectory } from '../registry-server/layout-directory.js';
import { readTaskGraph, type TaskGraph } from '../tekton/graph/task-graph.js';
import { objectPart } from '../tekton/objects/object-part.js';
import { readSources } from '../tekton/sources/read-sources.js';

/** Looks where the bundle of a workflow is today; what it found out is believed for a minute. */
export interface BundleLookup {
  /** What is known without a request. */
  known(image: string | undefined): Served;
  served(image: string | undefined, options?: { readonly signal?: AbortSignal }): Promise<Served>;
  /** The tasks of the bundle's Pipeline, or undefined where it cannot be read. */
  graph(
    image: string | undefined,
    options?: { readonly signal?: AbortSignal },
  ): Promise<TaskGraph | undefined>;
}

export interface BundleLookupOptions {
  /** Undefined where queries are not allowed. */
  readonly registry: RegistryClient | undefined;
  /** Directory of the embedded registry, whose files are read without it. */
  readonly layouts: string | undefined;
  readonly clock: Clock;
  /** How long a registry may take. Default 2,500. */
  readonly timeoutMs?: number;
}

const believedMs = 60_000;
const mostRemembered = 2_000;
const mostGraphs = 200;
/** A cluster stores little more; what is read here keeps other answers waiting. */
const pipelineBytes = 1024 * 1024;

export function createBundleLookup({
  registry,
  layouts,
  clock,
  timeoutMs = 2_500,
}: BundleLookupOptions): BundleLookup {
  const limiter = createLimiter(8);
  const readers = createLimiter(2);
  const found = new Map<string, { readonly served: Served; readonly at: number }>();
  const graphs = new Map<string, TaskGraph>();

  const withDeadline = (signal?: AbortSignal) =>
    signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs);
  const remote = ({ registry: host, repository }: Reference): ReadableStore | undefined =>
    registry?.repository({ registry: host, repository });
  const local = ({ repository }: Reference): ReadableStore | undefined =>
    layouts === undefined ? undefined : openLayoutStore(layoutDirectory(layouts, repository));

  const askRemote = async (reference: PinnedReference, signal?: AbortSignal): Promise<Served> => {
    const store = remote(reference);
    if (store === undefined) return { state: 'unknown', note: 'No registry is contacted' };
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
    async graph(image, { signal } = {}) {
      const reference = pinned(image);
      if (reference === undefined) return undefined;
      const known = graphs.get(reference.digest);
      if (known) return known;
      for (const store of [local(reference), remote(reference)]) {
        if (store === undefined || signal?.aborted) continue;
        const graph = await readers
          .run(() => readGraph(store, reference, withDeadline(signal)), signal)
          .catch(() => undefined);
        if (graph === undefined) continue;
        if (graphs.size >= mostGraphs) graphs.clear();
        graphs.set(reference.digest, graph);
        return graph;
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
  if (isBundlesError(error, 'REGISTRY_DENIED'))
    return { state: 'denied', note: `${registry} does not answer that` };
  const reason = error instanceof Error ? shorten(error.message, { max: 160 }) : '';
  return { state: 'unreachable', note: `${registry} gave no answer: ${reason}` };
}

/** Of the Pipeline named `workflow`, as the controller wants it, else of the first. */
async function readGraph(
  store: ReadableStore,
  { digest }: PinnedReference,
  signal: AbortSignal,
): Promise<TaskGraph | undefined> {
  const bundle = await readBundle(store, digest, { signal });
  const indexes = bundle.objects.flatMap(({ kind }, index) => (kind === 'pipeline' ? [index] : []));
  const index = indexes.find((one) => bundle.objects[one]?.name === 'workflow') ?? indexes[0];
  if (index === undefined) return undefined;
  const bytes = await bundle.readObject(index, { signal, limit: pipelineBytes });
  const [object] = readSources([{ path: `layer ${index}`, bytes }]).objects;
  return object && readTaskGraph(objectPart(object, []));
}
