import { type ChainSources, digestChain } from '../../../bundle/explain/digest-chain.js';
import { explainDigest } from '../../../bundle/explain/explain-digest.js';
import { explainLock } from '../../../ensure/bundle/explain-lock.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { type BundleInput, type BundleInputOptions, readBundleInput } from '../../open/bundle-input.js';
import { type LoadedBundleInput, loadBundleInputs } from '../../open/load-bundle-inputs.js';
import type { CommonOptions } from '../../options/common-options.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { type Explanation, showExplanation } from './show-explanation.js';

export interface ExplainOptions extends CommonOptions, NetworkOptions, BundleInputOptions {
  readonly against?: string;
}

/** Shows why a bundle has its digest, and why another bundle has another digest. */
export async function runExplain(
  { context }: Session,
  { word, options }: { readonly word: string; readonly options: ExplainOptions },
): Promise<void> {
  const subjects = [await readBundleInput(context, word, options)];
  if (options.against !== undefined) subjects.push(await readBundleInput(context, options.against, options));
  const [here, there] = await loadBundleInputs(context, subjects, options);
  if (!here) throw new TypeError('a subject is wanted');
  const { subject, bundle } = here;
  const explanation: Explanation = {
    name: subject.name,
    kind: subject.kind,
    digest: bundle.digest,
    chain: digestChain(bundle, await sourcesOf(subject)),
    ...(there ? await againstOther(here, there) : await againstLock(subject)),
  };
  if (options.output === 'json') return context.stdout.json({ version: 1, ...explanation, error: null });
  const screen = createScreen(context, 'stdout', options);
  context.stdout.lines(showExplanation(explanation, { screen, verbose: options.verbose === true }));
}

type Against = Pick<Explanation, 'against' | 'same' | 'causes'>;

async function againstOther(here: LoadedBundleInput, there: LoadedBundleInput): Promise<Against> {
  const { name, kind } = there.subject;
  const causes = await explainDigest(await sideOf(here), await sideOf(there));
  return { against: { name, kind, digest: there.bundle.digest }, same: causes.length === 0, causes };
}

async function againstLock(subject: BundleInput): Promise<Against> {
  if (subject.kind !== 'declared' || !subject.entry) return { against: null, same: null, causes: [] };
  const { bundle, entry } = subject;
  const causes = explainLock({ bundle, origins: (await sourcesOf(subject))?.origins ?? [] }, entry);
  return {
    against: { name: 'bundles.lock', kind: 'lock', digest: entry.digest },
    same: causes.length === 0,
    causes,
  };
}

async function sideOf({ subject, bundle }: LoadedBundleInput) {
  const origins = (await sourcesOf(subject))?.origins;
  return { bundle, isBare: subject.kind === 'files', ...(origins ? { origins } : {}) };
}

async function sourcesOf(subject: BundleInput): Promise<ChainSources | undefined> {
  if (subject.kind === 'place') return undefined;
  if (subject.kind === 'declared') return subject.candidate.parts();
  return { files: subject.files, origins: subject.objects.map(({ origin }) => origin) };
}
