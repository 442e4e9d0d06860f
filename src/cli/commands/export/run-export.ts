import { basename, join } from 'node:path';
import { type ExportFormat, exportImage } from '../../../bundle/export-image.js';
import { BundlesError, isBundlesError } from '../../../errors.js';
import type { Image } from '../../../oci/image.js';
import { parseReference, type Reference, referenceName } from '../../../oci/reference.js';
import { isTag } from '../../../oci/repository-name.js';
import { optionOr } from '../../../open/machine.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { keepProject } from '../../../open/own-values.js';
import { readProject } from '../../../project/read-project.js';
import type { Context } from '../../context.js';
import { type BundleInput, type BundleInputOptions, readBundleInput } from '../../open/bundle-input.js';
import { type LoadedBundleInput, loadBundleInputs } from '../../open/load-bundle-inputs.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface ExportOptions extends CommonOptions, NetworkOptions, BundleInputOptions {
  readonly format: ExportFormat;
  readonly to: string;
  readonly mediaTypes: 'docker' | 'oci';
}

/** One file to be written. */
interface Export {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly image: Image;
  readonly repository: string | undefined;
  readonly tag: string | undefined;
}

/** Writes each bundle into a file or layout of its own, and prints its digest. */
export async function runExport(
  { context }: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: ExportOptions },
): Promise<void> {
  const { clock, signal } = context;
  const { format, mediaTypes } = options;
  const subjects = await readSubjects(context, words, options);
  const exports = (await loadBundleInputs(context, subjects, options)).map(exportOf);
  refuseTwins(exports);
  const results: object[] = [];
  for (const { name, image, repository, tag } of exports) {
    const path = join(options.to, format === 'layout' ? name : `${name}.tar`);
    const report = await exportImage(image, { format, path, mediaTypes, clock, signal, tag, repository });
    const built = image.manifest.descriptor.digest;
    if (report.digest !== built && !options.quiet) {
      context.stderr.line(
        `warning: ${name}: OCI media types give another digest, ${report.digest} instead of ${built}; nothing that is pinned by the latter finds it`,
      );
    }
    const said = repository === undefined ? null : `${repository}${tag === undefined ? '' : `:${tag}`}`;
    results.push({ name, reference: said, tag: tag ?? null, built, ...report, format, mediaTypes, path });
    if (options.output === 'text') context.stdout.line(`${name} ${report.digest} ${path}`);
  }
  if (options.output === 'json') {
    context.stdout.json({ version: 1, bundles: results, error: null });
  }
}

async function readSubjects(
  context: Context,
  words: readonly string[],
  options: ExportOptions,
): Promise<BundleInput[]> {
  const named = words.length > 0 ? words : await declaredNames(context, options);
  const subjects: BundleInput[] = [];
  for (const word of named) {
    const subject = await readBundleInput(context, word, options);
    if (subject.kind === 'files') {
      throw new BundlesError('USAGE', `Cannot export ${JSON.stringify(word)}: it is a file, not a bundle`, {
        hint: 'Build it first: npx tekton-bundles build NAME --tag TAG -f FILE --to DIRECTORY, or declare it in bundles.yaml',
      });
    }
    subjects.push(subject);
  }
  return subjects;
}

async function declaredNames(context: Context, options: BundleInputOptions): Promise<string[]> {
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const { bundles } = keepProject(context, await readProject(file, {}, { signal: context.signal }));
  return bundles.map(({ name }) => name);
}

function exportOf({ subject, bundle: { image } }: LoadedBundleInput): Export {
  if (subject.kind === 'declared') return { image, name: subject.name, ...namesOf(subject.spec.reference) };
  if (subject.kind === 'files') throw new TypeError('files are no bundle');
  const { place } = subject;
  if (place.kind === 'registry') {
    const { repository } = place.reference;
    return { image, name: basename(repository), ...namesOf(place.reference) };
  }
  const name = basename(place.path).replace(/\.(?:tar|tgz|tar\.gz)$/, '');
  if (place.image === undefined) return { image, name, repository: undefined, tag: undefined };
  if (isTag(place.image)) return { image, name, repository: undefined, tag: place.image };
  return { image, name, ...wholeNameOf(place.image) };
}

/** A layout may hold names that no archive for other programs can take over. */
function wholeNameOf(text: string): Pick<Export, 'repository' | 'tag'> {
  try {
    return namesOf(parseReference(text));
  } catch (error) {
    if (isBundlesError(error, 'REFERENCE_INVALID')) return { repository: undefined, tag: undefined };
    throw error;
  }
}

function namesOf(reference: Reference): Pick<Export, 'repository' | 'tag'> {
  return { repository: referenceName(reference), tag: reference.tag };
}

/** One bundle in each file. */
function refuseTwins(exports: readonly Export[]): void {
  const names = exports.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin === undefined) return;
  throw new BundlesError('USAGE', `Cannot export two bundles as ${JSON.stringify(twin)}: a file holds one`, {
    hint: 'Export them one after the other, into directories of their own',
    details: { name: twin },
  });
}
