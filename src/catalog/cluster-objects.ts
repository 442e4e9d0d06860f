import type { KubernetesObject } from '@kubernetes/client-node';
import type { Clock } from '../async/clock.js';
import type { Cluster } from '../cluster/open-cluster.js';
import { watchObject } from '../cluster/watch-object.js';
import { isBundlesError } from '../errors.js';
import { backoffMs } from '../http/send/retry.js';
import { shorten } from '../http/shorten.js';
import { CatalogError, type CatalogReason } from './catalog-error.js';
import type { CatalogCallOptions } from './catalog-target.js';

/** An object of the cluster as far as it is looked at. */
export interface ClusterObject extends KubernetesObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Objects of one namespace by the official client: found by discovery, applied by the server's own rules. */
export interface ClusterObjects {
  readonly namespace: string;
  /** Undefined where there is none. */
  read(object: Named, options?: CatalogCallOptions): Promise<ClusterObject | undefined>;
  list(kind: string, options?: CatalogCallOptions): Promise<readonly ClusterObject[]>;
  /** Server-side apply; a field that another client manages with another value is a conflict, and is never taken over. */
  apply(object: ClusterObject, options?: ApplyOptions): Promise<ClusterObject>;
  /** Puts members into the status of one of our kinds, as its controller does. */
  writeStatus(
    object: Named,
    status: Readonly<Record<string, unknown>>,
    options?: CatalogCallOptions,
  ): Promise<ClusterObject>;
  /** Ends a wait when the object changes, when the watch ends, or after `ms`. */
  changed(object: ClusterObject, options: CatalogCallOptions & { readonly ms: number }): Promise<void>;
}

/** Where an object lies: in a namespace, or in none (null). Default: the namespace of these objects. */
interface Placed {
  readonly namespace?: string | null;
}

export interface Named extends Placed {
  /** Default: that of kubernaut's kinds. */
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
}

export interface ApplyOptions extends CatalogCallOptions, Placed {
  /** Default: this program's. */
  readonly manager?: string;
}

export interface ClusterObjectsOptions {
  readonly clock: Clock;
  /** Default: that of the context. */
  readonly namespace?: string | undefined;
}

const group = 'kubernaut.ai';
const version = 'v1alpha1';
const apiVersion = `${group}/${version}`;
const plurals: Readonly<Record<string, string>> = {
  ActionType: 'actiontypes',
  RemediationWorkflow: 'remediationworkflows',
};
/** Field manager of what this program applies. */
export const fieldManager = 'tekton-bundles';
const mostAttempts = 4;

/** @throws what its functions throw is CATALOG_UNREACHABLE, CATALOG_REFUSED, CATALOG_CONFLICT */
export async function openClusterObjects(
  cluster: Cluster,
  { clock, namespace = cluster.namespace }: ClusterObjectsOptions,
): Promise<ClusterObjects> {
  const { CustomObjectsApi, KubernetesObjectApi, PatchStrategy, setHeaderOptions } = await import(
    '@kubernetes/client-node'
  );
  const api = KubernetesObjectApi.makeApiClient(cluster.config);
  /** Every request here may be repeated: reading, and applying the same again. */
  const ask = async <T>(doing: string, request: () => Promise<T>, call: CatalogCallOptions) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await cluster.ask(doing, request, call);
      } catch (error) {
        call.signal?.throwIfAborted();
        const failure = toCatalogError(error, { cluster, doing });
        if (failure.code !== 'CATALOG_UNREACHABLE' || attempt === mostAttempts) throw failure;
        await clock.sleep(backoffMs(attempt, { rateLimited: false, random: Math.random }), call.signal);
      }
    }
  };
  const placeOf = ({ namespace: place }: Placed): { readonly namespace?: string } =>
    place === null ? {} : { namespace: place ?? namespace };
  return {
    namespace,
    read({ kind, name, ...place }, call = {}) {
      const metadata = { name, ...placeOf(place) };
      const header = { apiVersion: place.apiVersion ?? apiVersion, kind, metadata };
      return ask(`read the ${kind} ${name}`, () => api.read<ClusterObject>(header), call);
    },
    async list(kind, call = {}) {
      const found = await ask(
        `list the ${kind}s`,
        () => api.list<ClusterObject>(apiVersion, kind, namespace),
        call,
      );
      return found?.items ?? [];
    },
    async apply(object, { manager = fieldManager, namespace: place, ...call } = {}) {
      const named = `${object.kind} ${object.metadata?.name}`;
      const placed = { ...object, metadata: { ...object.metadata, ...placeOf({ namespace: place }) } };
      const patch = () =>
        api.patch(placed, undefined, undefined, manager, false, PatchStrategy.ServerSideApply);
      const applied = await ask(`apply the ${named}`, patch, call);
      if (applied) return applied;
      const message = `Cannot apply the ${named}: the cluster has no such kind, or no namespace ${namespace}`;
      throw refused(message, {
        cluster,
        reason: 'generation',
        hint: 'Install the CustomResourceDefinitions of kubernaut.ai and create the namespace first',
      });
    },
    async writeStatus({ kind, name }, status, call = {}) {
      const plural = plurals[kind] ?? '';
      const custom = cluster.config.makeApiClient(CustomObjectsApi);
      const header = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
      const request = { group, version, namespace, plural, name, body: { status }, fieldManager };
      const patch = (): Promise<ClusterObject> => custom.patchNamespacedCustomObjectStatus(request, header);
      const written = await ask(`write the status of the ${kind} ${name}`, patch, call);
      if (written) return written;
      const message = `Cannot write the status of the ${kind} ${name}: it is gone`;
      throw refused(message, { cluster, reason: 'status', hint: undefined });
    },
    // An error of the watch ends it as its time does: the object is read again either way.
    async changed({ kind = '', metadata }, { ms, signal }) {
      const path = `/apis/${apiVersion}/namespaces/${namespace}/${plurals[kind]}`;
      const { name, resourceVersion } = metadata ?? {};
      const watched = { path, name, resourceVersion };
      await watchObject(cluster, watched, { clock, ms, signal });
    },
  };
}

interface Failing {
  readonly cluster: Cluster;
  readonly reason: CatalogReason;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The catalog's own word for what a cluster states. */
function toCatalogError(
  error: unknown,
  { cluster, doing }: { readonly cluster: Cluster; readonly doing: string },
): CatalogError {
  const url = cluster.server;
  if (isBundlesError(error, 'CLUSTER_REFUSED')) {
    const { status } = error.details;
    const options = { cluster, hint: error.hint, cause: error };
    if (status === 409) return conflict(error.message, options);
    return refused(error.message, {
      ...options,
      reason: status === 401 ? 'unauthorized' : status === 422 || status === 400 ? 'invalid' : 'forbidden',
      ...(status === 403 && /admission webhook/.test(error.message)
        ? { hint: undefined, reason: 'invalid' }
        : {}),
    });
  }
  if (isBundlesError(error, 'CLUSTER_UNREACHABLE')) {
    // Discovery throws a plain error for a kind that the group does not have.
    if (/Unrecognized API version and kind/.test(error.message))
      return refused(`Cannot ${doing}: the cluster has no such kind`, {
        cluster,
        reason: 'generation',
        hint: 'Install the CustomResourceDefinitions of kubernaut.ai first',
      });
    const subject = { reason: 'network', method: 'PATCH', url, mayHaveHappened: true } as const;
    return new CatalogError('CATALOG_UNREACHABLE', error.message, {
      ...subject,
      hint: error.hint,
      cause: error,
    });
  }
  throw error;
}

function conflict(message: string, { cluster, cause }: Omit<Failing, 'reason'>): CatalogError {
  return new CatalogError('CATALOG_CONFLICT', message, {
    reason: 'other-content',
    method: 'PATCH',
    url: cluster.server,
    cause,
    hint: 'Another client manages these fields: let only one of the two manage them, or take them over once with kubectl apply --server-side --force-conflicts --field-manager tekton-bundles',
  });
}

export function refused(message: string, { cluster, reason, hint, cause }: Failing): CatalogError {
  return new CatalogError('CATALOG_REFUSED', shorten(message, { max: 1000 }), {
    reason,
    method: 'PATCH',
    url: cluster.server,
    hint,
    cause,
  });
}
