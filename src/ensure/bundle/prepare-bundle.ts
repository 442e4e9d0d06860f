import type { CallOptions } from '../../content/store.js';
import type { ImageResolver } from '../../images/image-resolver.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { BundleSpec } from '../../project/project.js';
import type { Run } from '../run.js';
import { type BundleFiles, readBundleFiles } from '../schemas/schema-file.js';
import { buildLocalBundle, type LocalBundle } from './local-bundle.js';
import { pin } from './next-entry.js';
import { planRecord, type RecordPlan } from './record-plan.js';

/** A declared bundle before its registry is queried: built, with the committed files as they are and as they would be. */
export interface PreparedBundle {
  /** For messages. */
  readonly projectFile: string;
  readonly local: LocalBundle;
  /** The bundle's entry in the lock as it is. */
  readonly locked: LockEntry | undefined;
  /** Undefined for a bundle that has no schema. */
  readonly files: BundleFiles | undefined;
  /** The committed files as planned without the registry, whose response rarely changes them. */
  readonly draft: RecordPlan;
}

export interface DeclaredBundle {
  readonly spec: BundleSpec;
  /** The bundle's entry in the lock as it is. */
  readonly locked: LockEntry | undefined;
}

/** Builds one bundle of a run; `countRequest` is called for each request for an image to pin. */
export function buildDeclared(
  run: Run,
  { spec, locked }: DeclaredBundle,
  countRequest: () => void,
  options: CallOptions = {},
): Promise<LocalBundle> {
  const images: ImageResolver = (image, call) => run.images(image, { ...call, onRequest: countRequest });
  const { project, created, cache, turn, refreshImages } = run;
  return buildLocalBundle(
    { project, spec, entry: locked, created, cache, turn, images, refreshImages },
    options,
  );
}

/**
 * Derives the schema of a built bundle once, so that mistakes in the sources are found before any request.
 * @throws SCHEMA_INVALID, SCHEMA_MISMATCH, NOT_READABLE
 */
export async function prepareBundle(
  run: Pick<Run, 'project' | 'schemas'>,
  local: LocalBundle,
  locked: LockEntry | undefined,
): Promise<PreparedBundle> {
  const { built, previous } = local;
  const files = await readBundleFiles(run, local.spec);
  const prepared = { projectFile: run.project.file, local, locked, files };
  const pinned = pin({ built, previous, verdict: undefined, remote: undefined, intent: 'other' });
  const { schemaObjects: objects, images } = built;
  return { ...prepared, draft: await planRecord({ ...prepared, pinned, objects, images }) };
}
