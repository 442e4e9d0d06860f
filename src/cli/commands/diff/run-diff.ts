import { type BundleDiff, diffBundles } from '../../../bundle/compare/diff-bundles.js';
import type { JsonPatchOperation } from '../../../bundle/compare/json-patch.js';
import { textWidth } from '../../../bytes/text-width.js';
import { BundlesError } from '../../../errors.js';
import { shorten } from '../../../http/shorten.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { type BundleInput, type BundleInputOptions, readBundleInput } from '../../open/bundle-input.js';
import { type LoadedBundleInput, loadBundleInputs } from '../../open/load-bundle-inputs.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Screen, Style } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

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
  if (options.output === 'json') context.stdout.json(document(diff, left, right));
  else {
    const names = { left: left.subject.name, right: right.subject.name };
    context.stdout.lines(showDiff(diff, names, createScreen(context, 'stdout', options)));
  }
  session.exitCode = diff.same ? 0 : differs;
}

/** With one declared name, the registry is the left side: the diff is what a push would change. */
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
      hint: 'Name a reference, a layout, an archive, a file or a declared bundle; only a declared bundle can be given alone',
    },
  );
}

function sideOf({ subject, bundle }: LoadedBundleInput) {
  return { bundle, name: subject.name, isBare: subject.kind === 'files' };
}

function document(diff: BundleDiff, left: LoadedBundleInput, right: LoadedBundleInput): object {
  const side = ({ subject, bundle }: LoadedBundleInput) => ({
    name: subject.name,
    kind: subject.kind,
    digest: subject.kind === 'files' ? null : bundle.digest,
    index: bundle.index ?? null,
  });
  return { version: 1, left: side(left), right: side(right), ...diff, error: null };
}

/** A diff for people: unified YAML for each object that differs, then what differs and changes nothing. */
function showDiff(
  diff: BundleDiff,
  names: { readonly left: string; readonly right: string },
  screen: Screen,
): string[] {
  const { objects, annotations, labels, notes } = diff;
  const changed = objects.filter(({ change }) => change !== 'same');
  const shown = changed.flatMap(({ change, kind, name, unified }) => {
    const lines = unified.split('\n').slice(0, -1);
    const title: Text = [['bold', shorten(`${change} ${kind} ${name}`)]];
    return [...wrap(title, { indent: 0 }, screen), ...lines.flatMap((line) => showLine(line, screen)), ''];
  });
  const texts: Text[] = [
    ...maps('annotation', annotations),
    ...maps('label', labels),
    ...notes.map((note): Text => [['dim', `note: ${shorten(note)}`]]),
    [['bold', summary(diff, names)]],
  ];
  const lines = texts.flatMap((text) => wrap(text, { indent: 2, first: { text: '', width: 0 } }, screen));
  return [...shown, ...lines];
}

function summary(
  { same, identical, objects }: BundleDiff,
  { left, right }: { left: string; right: string },
): string {
  const differing = objects.filter(({ change }) => change !== 'same').length;
  const sides = `${shorten(left)} and ${shorten(right)}`;
  if (identical) return `identical: ${sides} have one digest`;
  if (same) return `same: ${sides} mean the same, ${count(objects.length, 'object')}`;
  return `different: ${sides}, in ${differing} of ${count(objects.length, 'object')}`;
}

/** As it is, but for a line that is wider than the terminal. */
function showLine(line: string, screen: Screen): string[] {
  const style = styleOf(line);
  const shown = screen.clean(line);
  if (textWidth(shown) <= screen.width) return [style ? screen.paint(style, shown) : shown];
  return wrap(style ? [[style, shown]] : shown, { indent: 2, first: { text: '', width: 0 } }, screen);
}

function styleOf(line: string): Style | undefined {
  if (/^(?:---|\+\+\+) /.test(line)) return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('+')) return 'green';
  return line.startsWith('-') ? 'red' : undefined;
}

/** Maps of texts have flat patches. */
function maps(what: string, operations: readonly JsonPatchOperation[]): Text[] {
  return operations.map((operation): Text => {
    const key = operation.path.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
    const value = operation.op === 'remove' ? '' : `=${String(operation.value)}`;
    const signs = { add: '+', remove: '-', replace: '~' } as const;
    const style = operation.op === 'add' ? 'green' : operation.op === 'remove' ? 'red' : 'yellow';
    return [[style, `${signs[operation.op]} ${what} ${shorten(key + value)}`]];
  });
}
