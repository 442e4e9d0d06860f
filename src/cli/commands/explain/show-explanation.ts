import type { DigestCause } from '../../../bundle/explain/digest-cause.js';
import type { ChainObject, DigestChain } from '../../../bundle/explain/digest-chain.js';
import { shorten } from '../../../http/shorten.js';
import type { BundleInput } from '../../open/bundle-input.js';
import { shortDigest, withShortDigests } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { formatTable } from '../../output/table.js';
import { type Text, wrap } from '../../output/wrap.js';

/** What `explain` prints; keys are always there, null where they do not apply. */
export interface Explanation {
  readonly name: string;
  readonly kind: BundleInput['kind'];
  readonly digest: string;
  readonly chain: DigestChain;
  readonly against: {
    readonly name: string;
    readonly kind: BundleInput['kind'] | 'lock';
    readonly digest: string;
  } | null;
  /** Null where there is nothing to compare with. */
  readonly same: boolean | null;
  /** Those at the first link that differs first. */
  readonly causes: readonly DigestCause[];
}

export interface ExplanationView {
  readonly screen: Screen;
  /** Whole digests. */
  readonly verbose: boolean;
}

/** The chain from top to bottom, then what differs, the first link first. */
export function showExplanation(explanation: Explanation, view: ExplanationView): string[] {
  const { name, digest, chain, against, causes } = explanation;
  const { screen } = view;
  const lines = [...titleLines(shorten(name), digest, view), ...chainLines(chain, view)];
  if (against) {
    lines.push('', ...titleLines(`against ${shorten(against.name)}`, against.digest, view));
    const [first, ...others] = causes;
    const texts: Text[] = first
      ? [
          [['red', `first at the link ${first.link}`], `: ${causeText(first, view)}`],
          ...others.map(
            (cause): Text => [['yellow', `also at ${cause.link}`], `: ${causeText(cause, view)}`],
          ),
        ]
      : [[['green', 'the same']]];
    lines.push(...texts.flatMap((text) => wrap(text, { indent: 2 }, screen)));
  }
  return lines;
}

function causeText({ message }: DigestCause, { verbose }: ExplanationView): string {
  const text = shorten(message, { max: 1000 });
  return verbose ? text : withShortDigests(text);
}

/** A name, and its full digest on a separate line. */
function titleLines(name: string, digest: string, { screen }: ExplanationView): string[] {
  return [...wrap([['bold', name]], { indent: 0 }, screen), ...wrap(digest, { indent: 2 }, screen)];
}

function chainLines(
  { files, objects, config, manifest, index }: DigestChain,
  view: ExplanationView,
): string[] {
  const hash = (digest: string) => ['dim', view.verbose ? digest : shortDigest(digest)] as const;
  const row = (label: string, ...text: Exclude<Text, string>) => [[['dim', label]] as const, text];
  const rows = [
    ...files.map(({ path, sha256 }) => row('file', hash(sha256), `  ${shorten(path)}`)),
    ...objects.flatMap((object) => [
      row('document', titleOf(object)),
      row('json', hash(object.json)),
      row('diffId', hash(object.diffId)),
      row('layer', hash(object.layer)),
    ]),
    row(
      'config',
      hash(config.digest),
      `  created ${shorten(config.created ?? 'unknown')}${mapText('label', config.labels)}`,
    ),
    row('manifest', hash(manifest.digest), mapText('annotation', manifest.annotations)),
    ...(index === null ? [] : [row('index', hash(index))]),
  ];
  return formatTable(rows, view.screen, { indent: 2 });
}

function titleOf({ kind, name, origin }: ChainObject): string {
  const title = shorten(`${kind} ${name}`);
  return origin
    ? `${title}: ${shorten(origin.file)}, document ${origin.document}, line ${origin.line}`
    : title;
}

function mapText(word: string, map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map(([key, value]) => `, ${word} ${shorten(`${key}=${value}`)}`)
    .join('');
}
