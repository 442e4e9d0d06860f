import { type BundleDiff, diffBundles } from '../../../bundle/diff-bundles.js';
import { BundlesError } from '../../../errors.js';
import { type BundleInput, type BundleInputOptions, readBundleInput } from '../../open/bundle-input.js';
import { type LoadedBundleInput, loadBundleInputs } from '../../open/load-bundle-inputs.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { NetworkOptions } from '../../options/network-options.js';
import { createPaint } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showDiff } from './show-diff.js';

export interface DiffOptions extends CommonOptions, NetworkOptions, BundleInputOptions {}

/** Status of two bundles that differ, as of a tag that holds other content. */
const differs = 4;

/** Compares two bundles, or a declared one's sources with its registry. */
export async function runDiff(
  session: Session,
  {
    words,
    options,
  }: { readonly words: readonly [string, string | undefined]; readonly options: DiffOptions },
): Promise<void> {
  const { context } = session;
  const [left, right] = await loadBundleInputs(context, await readBoth(session, words, options), options);
  if (!left || !right) throw new TypeError('two subjects are wanted');
  const diff = await diffBundles(sideOf(left), sideOf(right));
  context.stdout.write(
    options.output === 'json'
      ? json(diff, left, right)
      : showDiff(
          diff,
          { left: left.subject.name, right: right.subject.name },
          createPaint(context, 'stdout', options),
        ),
  );
  session.exitCode = diff.same ? 0 : differs;
}

/** With one declared name, the registry stands on the left: the diff is what a push would change. */
async function readBoth(
  { context }: Session,
  [one, other]: readonly [string, string | undefined],
  options: BundleInputOptions,
): Promise<BundleInput[]> {
  if (one === '-' && other === '-') {
    throw new BundlesError('USAGE', 'Cannot compare standard input with itself', { hint: 'Name a file' });
  }
  const subject = await readBundleInput(context, one, options);
  if (other !== undefined) return [subject, await readBundleInput(context, other, options)];
  if (subject.kind === 'declared') {
    const { reference } = subject.spec;
    const name = `${reference.registry}/${reference.repository}:${reference.tag}`;
    return [{ kind: 'place', name, place: { kind: 'registry', reference } }, subject];
  }
  throw new BundlesError(
    'USAGE',
    `Cannot compare ${JSON.stringify(one)} with nothing: a second side is wanted`,
    {
      hint: 'Name a reference, a layout, an archive, a file or a declared bundle; alone stands a declared bundle only',
    },
  );
}

function sideOf({ subject, bundle }: LoadedBundleInput) {
  return { bundle, name: subject.name, isBare: subject.kind === 'files' };
}

function json(diff: BundleDiff, left: LoadedBundleInput, right: LoadedBundleInput): string {
  const side = ({ subject, bundle }: LoadedBundleInput) => ({
    name: subject.name,
    kind: subject.kind,
    digest: subject.kind === 'files' ? null : bundle.digest,
  });
  const document = { version: 1, left: side(left), right: side(right), ...diff, error: null };
  return `${JSON.stringify(document, null, 2)}\n`;
}
