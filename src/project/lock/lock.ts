import type { Digest } from '../../oci/digest.js';

/** A bundles.lock in memory: what each declared bundle is, to the byte. */
export interface Lock {
  /** By the bundle's name. */
  readonly entries: ReadonlyMap<string, LockEntry>;
  /** Workflows that are declared by themselves, by their name there. */
  readonly workflows: ReadonlyMap<string, LockedWorkflow>;
}

/** What a workflow runs, and the state of its document when that was pinned. */
export interface LockedWorkflow {
  /** `registry/repository:tag`, or the address of a git repository. */
  readonly reference: string;
  /** Of the manifest; of a git repository the commit. */
  readonly digest: string;
  /** The workflow's own. */
  readonly version: string;
  /** Undefined where the project writes no schemas. */
  readonly schema: LockSchema | undefined;
}

export interface LockEntry {
  /** Canonical `registry/repository:tag` as declared, wherever the bytes are served today. */
  readonly reference: string;
  readonly digest: Digest;
  /** The config's `created` as exact text: building with it gives the same bytes again. */
  readonly created: string;
  /** Digest of the source files and of the options that change bytes; see sources-digest.ts. */
  readonly sources: Digest;
  /** In the order of the layers. */
  readonly objects: readonly LockObject[];
  /** Undefined for a bundle without a workflow schema. */
  readonly schema: LockSchema | undefined;
  /** Digests of images that the objects name by tag. */
  readonly images: ReadonlyMap<string, Digest>;
}

export interface LockObject {
  readonly apiVersion: string;
  /** In lower case. */
  readonly kind: string;
  readonly name: string;
  readonly diffId: Digest;
}

export interface LockSchema {
  /** Relative to the project's directory. */
  readonly path: string;
  readonly contentHash: string;
}

export const emptyLock: Lock = { entries: new Map(), workflows: new Map() };

/** The names of all that a project declares. */
export interface DeclaredNames {
  readonly bundles: ReadonlySet<string>;
  readonly workflows: ReadonlySet<string>;
}

/**
 * The lock with `changed` entries put in. Others stay as they are, but for those that `declared` lacks, where it is
 * given: a run over the whole project drops what is no longer declared.
 */
export function mergeLock(
  current: Lock,
  changed: Partial<Lock>,
  { declared }: { readonly declared?: DeclaredNames | undefined } = {},
): Lock {
  const keep = <Entry>(entries: ReadonlyMap<string, Entry>, names: ReadonlySet<string> | undefined) =>
    [...entries].filter(([name]) => names === undefined || names.has(name));
  return {
    entries: new Map([...keep(current.entries, declared?.bundles), ...(changed.entries ?? [])]),
    workflows: new Map([...keep(current.workflows, declared?.workflows), ...(changed.workflows ?? [])]),
  };
}

/** True if two entries have the same content, in any order of their images. */
export function sameLockEntry(left: LockEntry, right: LockEntry): boolean {
  return left === right || fingerprint(left) === fingerprint(right);
}

/** True if two entries of a workflow have the same content. */
export function sameLockedWorkflow(left: LockedWorkflow, right: LockedWorkflow): boolean {
  const fields = ({ reference, digest, version, schema }: LockedWorkflow) => [
    ...[reference, digest, version, schema?.path, schema?.contentHash],
  ];
  const others = fields(right);
  return fields(left).every((field, index) => field === others[index]);
}

function fingerprint({ reference, digest, created, sources, objects, schema, images }: LockEntry): string {
  const shown = objects.map(({ apiVersion, kind, name, diffId }) => [apiVersion, kind, name, diffId]);
  const pinned = [...images].sort(([left], [right]) => (left < right ? -1 : 1));
  const written = schema && [schema.path, schema.contentHash];
  return JSON.stringify([reference, digest, created, sources, shown, written ?? null, pinned]);
}
