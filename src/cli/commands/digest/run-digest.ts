import { BundlesError } from '../../../errors.js';
import { referenceName } from '../../../oci/reference.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import type { Context } from '../../context.js';
import { type BundleInput, type BundleInputOptions, readBundleInput } from '../../open/bundle-input.js';
import { openSource } from '../../open/open-source.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface DigestOptions extends CommonOptions, NetworkOptions, BundleInputOptions {
  readonly fullRef?: boolean;
}

/** Prints one digest; for a registry it takes one request. */
export async function runDigest(
  { context }: Session,
  { word, options }: { readonly word: string; readonly options: DigestOptions },
): Promise<void> {
  const input = await readBundleInput(context, word, options);
  const repository = repositoryOf(input);
  if (options.fullRef && repository === undefined) {
    throw new BundlesError(
      'USAGE',
      `Cannot print a reference for ${JSON.stringify(word)}: it is in no repository`,
      { hint: 'Leave out --full-ref, or name a reference or a declared bundle' },
    );
  }
  const digest = await digestOf(context, input, options);
  const reference = repository === undefined ? null : `${repository}@${digest}`;
  if (options.output === 'json') {
    context.stdout.json({ version: 1, name: input.name, digest, reference, error: null });
  } else context.stdout.line(options.fullRef && reference !== null ? reference : digest);
}

async function digestOf(context: Context, input: BundleInput, options: DigestOptions): Promise<string> {
  if (input.kind !== 'place') return input.bundle.digest;
  const source = await openSource(context, input.place, options);
  try {
    return (await source.store.resolve(source.wanted, { signal: context.signal })).digest;
  } finally {
    await source.close();
  }
}

function repositoryOf(input: BundleInput): string | undefined {
  if (input.kind === 'declared') return referenceName(input.spec.reference);
  if (input.kind === 'files' || input.place.kind !== 'registry') return undefined;
  return referenceName(input.place.reference);
}
