import { realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { isInside } from '../../fs/is-inside.js';
import { readError } from '../../fs/machine-error.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import type { Source } from '../../tekton/objects/object.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText } from '../../yaml-file/show-text.js';
import type { BundleSpec, Project } from '../project.js';
import { findFiles } from './find-files.js';

/** Bytes; the largest source file that is read. */
const sizeLimit = 4 * 1024 * 1024;
/** A bundle holds at most 20 objects, so more files than this are a mistaken glob. */
const fileLimit = 200;

/** A source of a bundle; `path` is for messages. */
export interface SourceFile extends Source {
  /** Relative to the project's directory, with `/`. */
  readonly relativePath: string;
}

/**
 * Reads the sources of a declared bundle, sorted by path; a file that two declared paths name counts once, also by
 * way of symbolic links. Nothing outside the project's directory is read.
 *
 * @throws SOURCE_NOT_FOUND with the declared path and near names; SOURCE_TOO_LARGE; NOT_READABLE
 */
export async function readSourceFiles(
  project: Pick<Project, 'directory' | 'file'>,
  spec: Pick<BundleSpec, 'name' | 'files'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<SourceFile[]> {
  const { directory } = project;
  const paths = new Set<string>();
  for (const declared of spec.files) {
    const found = await findFiles(declared, { directory, signal });
    if (found.length === 0) throw await notFound(declared, { project, spec });
    for (const path of found) paths.add(path);
  }
  if (paths.size > fileLimit) throw tooMany(paths.size, spec);
  const root = realPath(directory);
  const seen = new Set<string>();
  const files: SourceFile[] = [];
  for (const relativePath of [...paths].sort()) {
    const path = join(directory, relativePath);
    const real = realPath(path);
    if (!isInside(root, real)) throw outside(path, project);
    if (seen.has(real)) continue;
    seen.add(real);
    const limits = { limit: sizeLimit, missing: 'SOURCE_NOT_FOUND', tooLarge: 'SOURCE_TOO_LARGE' } as const;
    const bytes = await readFileCapped(path, signal === undefined ? limits : { ...limits, signal });
    files.push({ path, relativePath, bytes });
  }
  return files;
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    throw readError(error, `read ${JSON.stringify(path)}`, { path, missing: 'SOURCE_NOT_FOUND' });
  }
}

async function notFound(
  declared: string,
  { project, spec }: { project: Pick<Project, 'directory' | 'file'>; spec: Pick<BundleSpec, 'name'> },
): Promise<BundlesError> {
  const place = dirname(declared);
  const names: string[] = await readdir(join(project.directory, place)).catch(() => []);
  const name = declared.slice(declared.lastIndexOf('/') + 1);
  const close = nearest(name, names.slice(0, 2_000));
  const suggestion = close === undefined || place === '.' ? close : `${place}/${close}`;
  const hint =
    names.includes(name) || declared === '.'
      ? `A directory contributes the *.yaml, *.yml and *.json directly in it; ${showText(`${declared}/**`)} goes deeper`
      : suggestion === undefined
        ? `Paths are relative to the directory of ${showText(project.file)}`
        : `Did you mean ${showText(suggestion)}?`;
  const items = 'Begin the - of each item of a list in one column: this was read as a single text';
  return new BundlesError(
    'SOURCE_NOT_FOUND',
    `Cannot read the sources of ${showText(spec.name)}: there is no source at ${showText(declared)}`,
    {
      hint: / - \S/.test(declared) ? items : hint,
      details: { bundle: spec.name, path: declared, file: project.file },
    },
  );
}

function outside(path: string, project: Pick<Project, 'file'>): BundlesError {
  return new BundlesError(
    'NOT_READABLE',
    `Cannot read the source ${showText(path)}: it is a symbolic link that leads out of the project's directory`,
    { hint: `Copy the file into the directory of ${showText(project.file)}`, details: { path } },
  );
}

function tooMany(found: number, { name }: Pick<BundleSpec, 'name'>): BundlesError {
  return new BundlesError(
    'TOO_MANY_OBJECTS',
    `Cannot read the sources of ${showText(name)}: found ${found} files, wanted at most ${fileLimit}`,
    { hint: 'Narrow the glob', details: { bundle: name, found, limit: fileLimit } },
  );
}
