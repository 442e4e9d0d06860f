import { join } from 'node:path';
import { type Bundle, buildBundle } from '../../bundle/build-bundle.js';
import { buildLocalBundle, type LocalBundle } from '../../ensure/bundle/local-bundle.js';
import { selectBundles } from '../../ensure/select-bundles.js';
import { BundlesError } from '../../errors.js';
import { formatImageLocation, type ImageLocation, parseImageLocation } from '../../oci/image-location.js';
import { optionOr } from '../../open/machine.js';
import { keepProject } from '../../open/own-values.js';
import type { LockEntry } from '../../project/lock/lock.js';
import { readLock } from '../../project/lock/lock-file.js';
import type { BundleSpec, Project } from '../../project/project.js';
import { readProject } from '../../project/read-project.js';
import type { Source, TektonObject } from '../../tekton/objects/object.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';
import { filesAt, readInputFiles } from '../options/read-input-files.js';

/** What one word on the command line may mean to the questions about bundles. */
export type BundleInput = LocationInput | FileInput | DeclaredInput;

export interface LocationInput {
  readonly kind: 'place';
  readonly name: string;
  readonly place: ImageLocation;
}

/** Tekton files that are not declared. */
export interface FileInput {
  readonly kind: 'files';
  readonly name: string;
  readonly files: readonly Source[];
  readonly objects: readonly TektonObject[];
  readonly bundle: Bundle;
}

/** A bundle of bundles.yaml, built from its sources. */
export interface DeclaredInput {
  readonly kind: 'declared';
  readonly name: string;
  readonly project: Project;
  readonly spec: BundleSpec;
  readonly candidate: LocalBundle;
  readonly bundle: Bundle;
  readonly entry: LockEntry | undefined;
}

export interface BundleInputOptions extends Pick<CommonOptions, 'quiet'> {
  readonly config?: string;
}

/**
 * A file by its ending or by its beginning with `.` or `/`, a declared bundle by its bare name, everything else a place.
 * `-` is standard input.
 */
export async function readBundleInput(
  context: Context,
  word: string,
  options: BundleInputOptions,
): Promise<BundleInput> {
  if (isFile(word)) return readFiles(context, word, options);
  if (!/[:/@]/.test(word)) return readDeclared(context, word, options);
  const place = parseImageLocation(word);
  return { kind: 'place', name: formatImageLocation(place), place };
}

function isFile(word: string): boolean {
  if (/^(?:oci|oci-archive|docker-archive):/.test(word)) return false;
  return word === '-' || /^(?:\.{0,2}[/\\]|[A-Za-z]:[\\/])/.test(word) || /\.(?:ya?ml|json)$/.test(word);
}

async function readFiles(context: Context, word: string, options: BundleInputOptions): Promise<FileInput> {
  const files = await filesAt(word);
  const sources = await readInputFiles(context, files);
  const { objects, warnings } = readSources(sources);
  warn(
    context,
    options,
    warnings.map(({ file, line, message }) => `${file}:${line}: ${message}`),
  );
  return { kind: 'files', name: word, files: sources, objects, bundle: buildBundle(objects) };
}

async function readDeclared(
  context: Context,
  name: string,
  options: BundleInputOptions,
): Promise<DeclaredInput> {
  const { signal } = context;
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const project = await readProject(file, {}, { signal }).catch((error: unknown) => {
    if (!(error instanceof BundlesError) || error.code !== 'CONFIG_NOT_FOUND') throw error;
    throw new BundlesError('CONFIG_NOT_FOUND', error.message, {
      hint: `${JSON.stringify(name)} is taken for a declared bundle: write registry/repository:tag for a bundle on a registry, ./${name} for a file, or name its bundles.yaml with --config`,
      details: error.details,
      cause: error,
    });
  });
  const [spec] = selectBundles(keepProject(context, project), [name]);
  if (!spec) throw new TypeError(`no bundle ${name}`);
  const lock = await readLock(join(project.directory, 'bundles.lock'), { signal });
  const entry = lock.entries.get(name);
  const candidate = await buildLocalBundle({ project, spec, entry, created: undefined }, { signal });
  warn(context, options, candidate.warnings);
  return { kind: 'declared', name, project, spec, candidate, bundle: await candidate.bundle(), entry };
}

function warn({ stderr }: Context, { quiet }: BundleInputOptions, warnings: readonly string[]): void {
  if (!quiet) for (const warning of warnings) stderr.line(`warning: ${warning}`);
}
