import { BundlesError } from '../errors.js';
import { shorten } from '../http/shorten.js';
import { isMapping } from '../schema/member.js';
import { parseDocument } from '../schema/parse-document.js';
import { splitDocuments } from '../schema/split-documents.js';
import type { ActionType } from '../workflow/action-type.js';
import type { CatalogEntry } from './catalog-target.js';

/** An object that a workflow needs in the cluster, from the file that describes the workflow. */
export interface AccompanyingObject {
  readonly apiVersion: string;
  readonly kind: AccompanyingKind;
  readonly name: string;
  /** Undefined for what has none, and for an object that lies where the workflow lies. */
  readonly namespace: string | undefined;
  /** Without its namespace. */
  readonly document: Readonly<Record<string, unknown>>;
  /** As its file has it. */
  readonly text: string;
}

/** In the order in which they are applied: each names only what comes before it. */
const kinds = {
  Namespace: { apiVersion: 'v1', namespaced: false },
  ServiceAccount: { apiVersion: 'v1', namespaced: true },
  Secret: { apiVersion: 'v1', namespaced: true },
  ConfigMap: { apiVersion: 'v1', namespaced: true },
  ClusterRole: { apiVersion: 'rbac.authorization.k8s.io/v1', namespaced: false },
  ClusterRoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', namespaced: false },
  Role: { apiVersion: 'rbac.authorization.k8s.io/v1', namespaced: true },
  RoleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', namespaced: true },
  ActionType: { apiVersion: 'kubernaut.ai/v1alpha1', namespaced: true },
} as const;

export type AccompanyingKind = keyof typeof kinds;

const order = Object.keys(kinds) as readonly AccompanyingKind[];
/** More than any workflow needs. */
const mostObjects = 100;

export function isNamespaced(kind: AccompanyingKind): boolean {
  return kinds[kind].namespaced;
}

/** Where a kind is in the order of application. */
export function rankOf(kind: AccompanyingKind): number {
  return order.indexOf(kind);
}

/**
 * The texts of the documents that go along with a workflow of a file of several documents. One that only another workflow of
 * the file uses is left out: a ServiceAccount belongs to the workflow that runs as it, a binding to the workflow of its
 * subject, a role to that of its binding; everything else to all workflows of the file.
 *
 * @throws SCHEMA_INVALID
 */
export async function accompanyingTexts(
  text: string,
  { workflow, file }: { readonly workflow: string; readonly file: string },
): Promise<readonly string[]> {
  const documents = (await splitDocuments(text)).map(({ part, alone }) => ({
    part,
    value: mappingOf(parseDocument(alone, file)),
  }));
  const others = documents.filter(({ value }) => !isWorkflow(value) && Object.keys(value).length > 0);
  const owners = ownersOf(documents.map(({ value }) => value));
  return others.flatMap(({ part, value }) => {
    const users = owners.get(value);
    return users === undefined || users.has(workflow) ? [part] : [];
  });
}

type Document = Readonly<Record<string, unknown>>;

/** The workflows that use an object, for those objects that some workflow of the file can be seen to use. */
function ownersOf(documents: readonly Document[]): ReadonlyMap<Document, ReadonlySet<string>> {
  const owners = new Map<Document, Set<string>>();
  const add = (document: Document, names: Iterable<string>) => {
    const known = owners.get(document) ?? new Set();
    for (const name of names) known.add(name);
    if (known.size > 0) owners.set(document, known);
  };
  const named = (kind: string, name: unknown) =>
    documents.filter((one) => one.kind === kind && mappingOf(one.metadata).name === name);
  for (const workflow of documents.filter(isWorkflow)) {
    const { serviceAccountName } = mappingOf(mappingOf(workflow.spec).execution);
    for (const account of named('ServiceAccount', serviceAccountName)) add(account, [nameOf(workflow)]);
  }
  const bindings = documents.filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding');
  for (const binding of bindings) {
    for (const subject of listOf(binding.subjects))
      for (const account of named('ServiceAccount', subject.name)) add(binding, owners.get(account) ?? []);
    const role = mappingOf(binding.roleRef);
    for (const found of named(String(role.kind), role.name)) add(found, owners.get(binding) ?? []);
  }
  return owners;
}

/**
 * What goes along with an entry, in the order in which it is applied.
 *
 * @throws SCHEMA_INVALID for an object that does not go along with a workflow
 */
export function accompanyingObjects(entry: CatalogEntry): readonly AccompanyingObject[] {
  const { accompanying = [], name } = entry;
  if (accompanying.length > mostObjects)
    throw unfit(entry, `${accompanying.length} objects go along with it, wanted ${mostObjects} at most`);
  const objects = accompanying.map((text) => toObject(entry, text, parseDocument(text, name)));
  return objects.sort((left, right) => rankOf(left.kind) - rankOf(right.kind));
}

function toObject(entry: CatalogEntry, text: string, value: unknown): AccompanyingObject {
  const document = mappingOf(value);
  const { apiVersion, kind, metadata } = document;
  const { namespace, ...own } = mappingOf(metadata);
  const { name } = own;
  const shown = `${shorten(String(kind), { max: 60 })} ${shorten(String(name), { max: 60 })}`;
  if (!isKind(kind) || apiVersion !== kinds[kind].apiVersion) {
    const found = `${shorten(String(apiVersion), { max: 60 })} ${shown}`;
    throw unfit(entry, `${found} is in its file, and only ${order.join(', ')} are applied with a workflow`);
  }
  if (typeof name !== 'string' || !/^[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$/.test(name))
    throw unfit(entry, `the ${shown} in its file has no name`);
  const place = namespace === undefined || namespace === null ? undefined : namespace;
  if (
    place !== undefined &&
    (typeof place !== 'string' || !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(place))
  )
    throw unfit(entry, `the namespace of the ${shown} in its file is not the name of a namespace`);
  return {
    apiVersion: kinds[kind].apiVersion,
    kind,
    name,
    namespace: isNamespaced(kind) ? place : undefined,
    document: { ...document, metadata: own },
    text,
  };
}

function unfit({ name, version }: CatalogEntry, why: string): BundlesError {
  const message = `Cannot register ${JSON.stringify(name)} ${version}: ${why}`;
  return new BundlesError('SCHEMA_INVALID', message, {
    hint: 'Move the object to a file of its own, and apply that before',
    details: { workflow: name, version },
  });
}

/**
 * Remembers what goes along with the workflows of a run, so that none of them takes an object away from another.
 * Gives a function that throws SCHEMA_INVALID for an object that another workflow describes otherwise.
 */
export function createObjectBook(): (entry: CatalogEntry, object: AccompanyingObject, place: string) => void {
  const known = new Map<string, { readonly workflow: string; readonly text: string }>();
  return (entry, { kind, name, document }, place) => {
    const key = `${kind} ${place} ${name}`;
    const text = JSON.stringify(document);
    const first = known.get(key);
    if (first === undefined) known.set(key, { workflow: entry.name, text });
    else if (first.workflow === entry.name) known.set(key, { ...first, text });
    else if (first.text !== text)
      throw unfit(
        entry,
        `the ${kind} ${name} of its file is another one than that of ${JSON.stringify(first.workflow)}`,
      );
  };
}

/** An action has one description. @throws SCHEMA_INVALID */
export function refuseDeclared(
  entry: CatalogEntry,
  { kind, name }: AccompanyingObject,
  actionTypes: readonly ActionType[],
): void {
  if (kind === 'ActionType' && actionTypes.some(({ metadata }) => metadata.name === name))
    throw unfit(entry, `its file describes the ActionType ${name}, and so does actionTypes: in bundles.yaml`);
}

function isWorkflow({ kind }: Document): boolean {
  return kind === 'RemediationWorkflow' || kind === 'WorkflowSchema';
}

function nameOf(workflow: Document): string {
  const { name, workflow_id } = mappingOf(workflow.metadata);
  return String(workflow.kind === 'WorkflowSchema' ? workflow_id : name);
}

function isKind(kind: unknown): kind is AccompanyingKind {
  return typeof kind === 'string' && Object.hasOwn(kinds, kind);
}

function mappingOf(value: unknown): Document {
  return isMapping(value) ? value : {};
}

function listOf(value: unknown): readonly Document[] {
  return Array.isArray(value) ? value.map(mappingOf) : [];
}
