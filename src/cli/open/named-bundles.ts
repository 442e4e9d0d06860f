import { basename } from 'node:path';
import { BundlesError, isBundlesError } from '../../errors.js';
import { parseReference, type Reference } from '../../oci/reference.js';
import { isTag } from '../../oci/repository-name.js';
import { optionOr } from '../../open/machine.js';
import { keepProject } from '../../open/own-values.js';
import { readProject } from '../../project/read-project.js';
import type { Context } from '../context.js';
import {
  type BundleInput,
  type BundleInputOptions,
  type DeclaredInput,
  type LocationInput,
  readBundleInput,
} from './bundle-input.js';

/** A bundle by its declared name or its place. */
export type NamedInput = DeclaredInput | LocationInput;

/**
 * The bundles that words name, all declared ones without a word; `verb` names the purpose.
 * @throws USAGE for files, and what readBundleInput throws
 */
export async function readNamedBundles(
  context: Context,
  { words, verb }: { readonly words: readonly string[]; readonly verb: string },
  options: BundleInputOptions,
): Promise<NamedInput[]> {
  const named = words.length > 0 ? words : await declaredNames(context, options);
  const inputs: NamedInput[] = [];
  for (const word of named) {
    const input = await readBundleInput(context, word, options);
    if (input.kind === 'files') {
      throw new BundlesError('USAGE', `Cannot ${verb} ${JSON.stringify(word)}: it is a file, not a bundle`, {
        hint: 'Build it first: npx tekton-bundles build NAME --tag TAG -f FILE --to DIRECTORY, or declare it in bundles.yaml',
      });
    }
    inputs.push(input);
  }
  return inputs;
}

async function declaredNames(context: Context, options: BundleInputOptions): Promise<string[]> {
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const { bundles } = keepProject(context, await readProject(file, {}, { signal: context.signal }));
  return bundles.map(({ name }) => name);
}

/** What a file of a bundle is called, and which repository and tag the bundle has there. */
export interface BundleNames {
  readonly name: string;
  readonly repository: Pick<Reference, 'registry' | 'repository'> | undefined;
  readonly tag: string | undefined;
}

export function namesOf(input: BundleInput): BundleNames {
  if (input.kind === 'declared') return { name: input.name, ...partsOf(input.spec.reference) };
  if (input.kind === 'files') throw new TypeError('files are not a bundle');
  const { place } = input;
  if (place.kind === 'registry')
    return { name: basename(place.reference.repository), ...partsOf(place.reference) };
  const name = basename(place.path).replace(/\.(?:tar|tgz|tar\.gz)$/, '');
  if (place.image === undefined) return { name, repository: undefined, tag: undefined };
  if (isTag(place.image)) return { name, repository: undefined, tag: place.image };
  return { name, ...wholeNameOf(place.image) };
}

/** A layout may hold names that no archive for other programs can take over. */
function wholeNameOf(text: string): Pick<BundleNames, 'repository' | 'tag'> {
  try {
    return partsOf(parseReference(text));
  } catch (error) {
    if (isBundlesError(error, 'REFERENCE_INVALID')) return { repository: undefined, tag: undefined };
    throw error;
  }
}

function partsOf(reference: Reference): Pick<BundleNames, 'repository' | 'tag'> {
  const { registry, repository, tag } = reference;
  return { repository: { registry, repository }, tag };
}

/** One bundle in each file. @throws USAGE */
export function refuseTwins(bundles: readonly BundleNames[], verb: string): void {
  const names = bundles.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin === undefined) return;
  throw new BundlesError('USAGE', `Cannot ${verb} two bundles as ${JSON.stringify(twin)}: a file holds one`, {
    hint: 'Take them one after the other, into directories of their own',
    details: { name: twin },
  });
}
