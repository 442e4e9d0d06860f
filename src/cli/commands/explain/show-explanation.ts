import type { DigestCause } from '../../../bundle/digest-cause.js';
import type { ChainObject, DigestChain } from '../../../bundle/digest-chain.js';
import { safeText } from '../../../http/safe-text.js';
import type { BundleInput } from '../../open/bundle-input.js';
import type { Paint } from '../../output/terminal.js';

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

/** The chain from top to bottom, then what differs, the first link first. */
export function showExplanation(explanation: Explanation, paint: Paint): string[] {
  const { name, digest, chain, against, causes } = explanation;
  const lines = [`${paint('bold', safeText(name))} ${digest}`, ...chainLines(chain, paint)];
  if (against) {
    lines.push('', `${paint('bold', `against ${safeText(against.name)}`)} ${against.digest}`);
    const [first, ...others] = causes;
    if (!first) lines.push(paint('green', '  the same'));
    else {
      lines.push(
        `  ${paint('red', `first at the link ${first.link}`)}: ${safeText(first.message, { max: 1000 })}`,
      );
      for (const { link, message } of others) {
        lines.push(`  ${paint('yellow', `also at ${link}`)}: ${safeText(message, { max: 1000 })}`);
      }
    }
  }
  return lines;
}

function chainLines({ files, objects, config, manifest, index }: DigestChain, paint: Paint): string[] {
  const row = (label: string, text: string) => `  ${paint('dim', label.padEnd(8))}  ${text}`;
  return [
    ...files.map(({ path, sha256 }) => row('file', `${sha256} ${safeText(path)}`)),
    ...objects.flatMap((object) => [
      row('document', titleOf(object)),
      row('json', object.json),
      row('diffId', object.diffId),
      row('layer', object.layer),
    ]),
    row(
      'config',
      `${config.digest} created ${safeText(config.created ?? 'unknown')}${mapText('label', config.labels)}`,
    ),
    row('manifest', `${manifest.digest}${mapText('annotation', manifest.annotations)}`),
    ...(index === null ? [] : [row('index', index)]),
  ];
}

function titleOf({ kind, name, origin }: ChainObject): string {
  const title = safeText(`${kind} ${name}`);
  return origin
    ? `${title}: ${safeText(origin.file)}, document ${origin.document}, line ${origin.line}`
    : title;
}

function mapText(word: string, map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map(([key, value]) => `, ${word} ${safeText(`${key}=${value}`)}`)
    .join('');
}
