import { createHash } from 'node:crypto';
import { BundlesError } from '../../errors.js';
import type { Source, SourceWarning, TektonObject } from '../objects/object.js';
import { readSource } from './read-source.js';

/** Tekton's resolver refuses bundles with more layers. */
export const MOST_OBJECTS = 20;

/** How source files are read. */
export interface ReadSourcesOptions {
  /**
   * Repeats what `tkn bundle push` does with null documents (the object before them a second time),
   * with duplicates (kept) and with the limit of 20 (counted on files, not on objects).
   */
  readonly tknCompat?: boolean;
}

/** The objects of some source files, in the order of the bundle. */
export interface ReadSources {
  /** In the order of the bundle's layers: files by the sha256 of their bytes, documents in the order of the file. */
  readonly objects: TektonObject[];
  readonly warnings: SourceWarning[];
}

/**
 * Reads source files as `tkn bundle push` reads them. It makes no request and writes nothing.
 *
 * `objects` are in the order of the bundle's layers: files by the sha256 of their bytes, documents as they are in the file.
 *
 * @throws YAML_INVALID, OBJECT_INVALID, OBJECT_DUPLICATE, TOO_MANY_OBJECTS (more than 20), SOURCE_TOO_LARGE
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readSources } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects, warnings } = readSources([{ path, bytes: await readFile(path) }]);
 * for (const { kind, name, origin } of objects) console.log(kind, name, origin.file);
 * // Pipeline workflow pipelines/hello-world.yaml
 * console.log(warnings.length); // 0
 * ```
 */
export function readSources(
  sources: readonly Source[],
  { tknCompat = false }: ReadSourcesOptions = {},
): ReadSources {
  const objects: TektonObject[] = [];
  const warnings: SourceWarning[] = [];
  for (const source of inLayerOrder(sources)) {
    const read = readSource(source, { tknCompat });
    objects.push(...read.objects);
    warnings.push(...read.warnings);
  }
  if (tknCompat) refuseTooMany(sources.length, { what: 'files', sources });
  if (tknCompat) return { objects, warnings };
  if (objects.length === 0) throw noObjects(sources);
  refuseTooMany(objects.length, { what: 'objects', sources });
  refuseDuplicates(objects);
  return { objects, warnings };
}

function inLayerOrder(sources: readonly Source[]): Source[] {
  return sources
    .map((source) => ({ source, hash: createHash('sha256').update(source.bytes).digest() }))
    .sort((left, right) => Buffer.compare(left.hash, right.hash))
    .map(({ source }) => source);
}

function refuseTooMany(
  count: number,
  { what, sources }: { readonly what: 'objects' | 'files'; readonly sources: readonly Source[] },
): void {
  if (count <= MOST_OBJECTS) return;
  throw new BundlesError(
    'TOO_MANY_OBJECTS',
    `Cannot make a bundle of ${showFiles(sources)}: found ${count} ${what}, Tekton's resolver takes at most ${MOST_OBJECTS}`,
    { hint: 'Declare several bundles', details: { found: count, expected: MOST_OBJECTS } },
  );
}

function noObjects(sources: readonly Source[]): BundlesError {
  return new BundlesError(
    'OBJECT_INVALID',
    `Cannot make a bundle of ${showFiles(sources)}: found no object, wanted at least one Task, Pipeline or StepAction`,
    { details: { files: sources.map(({ path }) => path) } },
  );
}

function showFiles([first, ...rest]: readonly Source[]): string {
  if (first === undefined) return 'no files';
  return rest.length === 0 ? JSON.stringify(first.path) : `${rest.length + 1} files`;
}

/** The resolver takes the first of two and never sees the second. */
function refuseDuplicates(objects: readonly TektonObject[]): void {
  const seen = new Map<string, TektonObject>();
  for (const object of objects) {
    const key = `${object.kind.toLowerCase()}\0${object.name}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, object);
      continue;
    }
    throw new BundlesError(
      'OBJECT_DUPLICATE',
      `Cannot bundle ${object.kind.toLowerCase()} ${JSON.stringify(object.name)} twice: found it in ${place(first)} and in ${place(object)}`,
      {
        hint: 'Rename one of them: the resolver would find only the first',
        details: {
          kind: object.kind.toLowerCase(),
          name: object.name,
          origins: [first.origin, object.origin],
        },
      },
    );
  }
}

function place({ origin }: TektonObject): string {
  return `${JSON.stringify(origin.file)}, document ${origin.document}, line ${origin.line}`;
}
