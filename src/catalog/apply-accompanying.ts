import { isMapping } from '../schema/member.js';
import { type AccompanyingObject, isNamespaced } from './accompanying.js';
import type { CatalogCallOptions } from './catalog-target.js';
import { type ClusterObject, type ClusterObjects, fieldManager, type Named } from './cluster-objects.js';

/** Where the cluster keeps the object: its namespace, else that of the workflows; null for what has none. */
export function placeOf({ kind, namespace }: AccompanyingObject, objects: ClusterObjects): string | null {
  return isNamespaced(kind) ? (namespace ?? objects.namespace) : null;
}

/** Applies the objects, one after the other. @throws CATALOG_CONFLICT, CATALOG_REFUSED, CATALOG_UNREACHABLE */
export async function applyAccompanying(
  objects: ClusterObjects,
  accompanying: readonly AccompanyingObject[],
  call: CatalogCallOptions,
): Promise<void> {
  for (const object of accompanying)
    await objects.apply(object.document as ClusterObject, { ...call, namespace: placeOf(object, objects) });
}

/** True where the cluster has every object with everything that its file states of it. */
export async function areInPlace(
  objects: ClusterObjects,
  accompanying: readonly AccompanyingObject[],
  call: CatalogCallOptions,
): Promise<boolean> {
  for (const object of accompanying) {
    const live = await objects.read(namedOf(object, objects), call);
    if (live === undefined || !contains(live, storedForm(object.document))) return false;
  }
  return true;
}

/**
 * Makes a workflow an owner of the objects in its namespace that came with it, so that the cluster removes them after the last
 * workflow that they came with. Objects that another client has applied too are not owned.
 */
export async function ownAccompanying(
  objects: ClusterObjects,
  accompanying: readonly AccompanyingObject[],
  { owner, ...call }: CatalogCallOptions & { readonly owner: ClusterObject },
): Promise<void> {
  const { name = '', uid = '' } = owner.metadata ?? {};
  const reference = { apiVersion: owner.apiVersion ?? '', kind: owner.kind ?? '', name, uid };
  for (const object of accompanying) {
    const place = placeOf(object, objects);
    // An action belongs to all who name it.
    if (place !== objects.namespace || object.kind === 'ActionType') continue;
    const live = await objects.read(namedOf(object, objects), call);
    const { ownerReferences = [], managedFields = [] } = live?.metadata ?? {};
    const isOurs =
      managedFields.length > 0 &&
      managedFields.every(({ manager }) => manager?.startsWith(fieldManager) === true);
    if (!isOurs || ownerReferences.some((one) => one.uid === uid)) continue;
    const { apiVersion, kind } = object;
    const metadata = { name: object.name, ownerReferences: [reference] };
    // A separate field manager for each workflow, so that none removes what another one added.
    const manager = `${fieldManager}/${name}`.slice(0, 128);
    await objects.apply({ apiVersion, kind, metadata }, { ...call, namespace: place, manager });
  }
}

function namedOf(object: AccompanyingObject, objects: ClusterObjects): Named {
  const { apiVersion, kind, name } = object;
  return { apiVersion, kind, name, namespace: placeOf(object, objects) };
}

/** Texts of a Secret are kept as its data. */
function storedForm(document: AccompanyingObject['document']): unknown {
  if (document.kind !== 'Secret' || !isMapping(document.stringData)) return document;
  const { stringData, data, ...rest } = document;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return { ...rest, data: { ...(isMapping(data) ? data : {}), ...Object.fromEntries(encoded) } };
}

/** True if everything wanted is there; the cluster may have added defaults and other members. */
function contains(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((item, index) => contains(live[index], item))
    );
  }
  if (wanted === null || wanted === undefined) return true;
  if (typeof wanted !== 'object') return live === wanted;
  if (typeof live !== 'object' || live === null) return Object.keys(wanted).length === 0;
  return Object.entries(wanted).every(([key, value]) =>
    contains((live as Readonly<Record<string, unknown>>)[key], value),
  );
}
