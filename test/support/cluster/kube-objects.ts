/** What an API server of the tests keeps: objects by their path, with Kubernetes' rules for server-side apply. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
  readonly [key: string]: unknown;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly uid?: string;
  readonly [key: string]: unknown;
}

export interface KubeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Path of the object's collection in its namespace. */
  readonly collection: string;
  readonly object: KubeObject;
}

/** Fields that another manager owns with another value. */
export interface ApplyConflict {
  readonly fields: readonly string[];
  readonly manager: string;
}

export interface KubeObjects {
  get(path: string): KubeObject | undefined;
  list(collection: string): readonly KubeObject[];
  apply(path: string, given: KubeObject, by: { manager: string; force: boolean }): KubeObject | ApplyConflict;
  /** Puts an object there as a controller would, e.g. with a status. */
  put(path: string, object: KubeObject): KubeObject;
  delete(path: string): KubeObject | undefined;
  /** Events after this version, and those to come until `stop` is called. */
  watch(after: number, onEvent: (event: KubeEvent) => void): () => void;
  version(): number;
}

interface Kept {
  object: KubeObject;
  /** Who set a field last, by its path. */
  readonly owners: Map<string, string>;
  /** Everybody who applied it. */
  readonly managers: readonly string[];
}

export function createKubeObjects(): KubeObjects {
  const kept = new Map<string, Kept>();
  const history: KubeEvent[] = [];
  const watchers = new Set<(event: KubeEvent) => void>();
  let version = 0;

  const tell = (type: KubeEvent['type'], path: string, object: KubeObject) => {
    const event = { type, collection: path.replace(/\/[^/]*$/, ''), object };
    history.push(event);
    for (const watcher of watchers) watcher(event);
  };
  const store = (
    path: string,
    object: KubeObject,
    owners: Map<string, string>,
    managers: readonly string[] = kept.get(path)?.managers ?? [],
  ): KubeObject => {
    const before = kept.get(path)?.object;
    const changed = JSON.stringify(before?.spec) !== JSON.stringify(object.spec);
    const metadata = {
      ...object.metadata,
      uid: before?.metadata.uid ?? `uid-${++version}`,
      generation: (before?.metadata.generation ?? 0) + (changed ? 1 : 0),
      resourceVersion: String(++version),
    };
    const stored = { ...object, metadata };
    kept.set(path, { object: stored, owners, managers });
    tell(before ? 'MODIFIED' : 'ADDED', path, stored);
    return stored;
  };

  return {
    version: () => version,
    get: (path) => kept.get(path)?.object,
    list: (collection) =>
      [...kept].filter(([path]) => within(path, collection)).map(([, { object }]) => object),
    apply(path, given, { manager, force }) {
      const { object: before, owners = new Map<string, string>() } = kept.get(path) ?? {};
      const fields = leaves(given).filter(
        ([field]) => !/^(?:apiVersion|kind|metadata\.(?:name(?:space)?|ownerReferences))$/.test(field),
      );
      const disputed = fields.filter(([field, value]) => {
        const owner = owners.get(field);
        return owner !== undefined && owner !== manager && valueAt(before, field) !== value;
      });
      if (disputed.length > 0 && !force) {
        return { fields: disputed.map(([field]) => field), manager: owners.get(disputed[0]![0])! };
      }
      const next = new Map(owners);
      for (const [field] of fields) next.set(field, manager);
      const merged = withOwners(before, merge(before ?? {}, given) as KubeObject);
      const managers = [...new Set([...(kept.get(path)?.managers ?? []), manager])];
      const isKnown = managers.length === kept.get(path)?.managers.length;
      if (before && isKnown && JSON.stringify(merged) === JSON.stringify(before)) return before;
      const managedFields = managers.map((one) => ({ manager: one, operation: 'Apply' }));
      return store(path, { ...merged, metadata: { ...merged.metadata, managedFields } }, next, managers);
    },
    put: (path, object) => store(path, object, kept.get(path)?.owners ?? new Map()),
    delete(path) {
      const object = kept.get(path)?.object;
      kept.delete(path);
      if (object)
        tell('DELETED', path, {
          ...object,
          metadata: { ...object.metadata, resourceVersion: String(++version) },
        });
      return object;
    },
    watch(after, onEvent) {
      for (const event of history) {
        if (Number(event.object.metadata.resourceVersion) > after) onEvent(event);
      }
      watchers.add(onEvent);
      return () => void watchers.delete(onEvent);
    },
  };
}

/** A namespaced collection holds its objects; one without a namespace those of all namespaces. */
function within(path: string, collection: string): boolean {
  if (path.replace(/\/[^/]*$/, '') === collection) return true;
  const [, base, plural] = /^(.*)\/([^/]+)$/.exec(collection) ?? [];
  const [, namespaced] = /^(.*)\/namespaces\/[^/]+\/[^/]+\/[^/]+$/.exec(path) ?? [];
  return namespaced === base && path.split('/').at(-2) === plural;
}

function leaves(value: unknown, at = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[at, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, at === '' ? key : `${at}.${key}`));
}

function valueAt(object: unknown, field: string): string | undefined {
  return leaves(object ?? {}).find(([path]) => path === field)?.[1];
}

/** Owners are a list by their uid. */
function withOwners(before: KubeObject | undefined, merged: KubeObject): KubeObject {
  const lists = [before?.metadata.ownerReferences, merged.metadata.ownerReferences] as (
    | readonly { readonly uid: string }[]
    | undefined
  )[];
  const owners = [...new Map(lists.flatMap((list) => (list ?? []).map((one) => [one.uid, one]))).values()];
  if (owners.length === 0) return merged;
  return { ...merged, metadata: { ...merged.metadata, ownerReferences: owners } };
}

function merge(before: unknown, given: unknown): unknown {
  const maps = [before, given].every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
  if (!maps) return given;
  const merged: Record<string, unknown> = { ...(before as object) };
  for (const [key, value] of Object.entries(given as object)) {
    if (!['__proto__', 'constructor'].includes(key)) merged[key] = merge(merged[key], value);
  }
  return merged;
}
