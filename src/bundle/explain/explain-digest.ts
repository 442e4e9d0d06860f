import type { ImageConfig } from '../../oci/image-config.js';
import { mapDifference } from '../compare/difference.js';
import { readCreated } from '../created-time.js';
import type { LoadedBundle } from '../load-bundle.js';
import type { CauseName, DigestCause, ExplainedSide } from './digest-cause.js';
import { chainLinks } from './digest-chain.js';
import { explainManifest } from './explain-manifest.js';
import { explainObjects } from './explain-objects.js';

const facts: readonly (readonly [CauseName, (config: ImageConfig, layers: number) => string, string])[] = [
  [
    'platform',
    ({ os, architecture }) => `${os || 'no os'}/${architecture || 'no architecture'}`,
    'the platform',
  ],
  ['config-other', ({ others }) => others.join(', ') || 'nothing', 'other content of the config'],
  ['history', historyOf, 'the history'],
];

/**
 * Finds why two bundles have different digests: every cause, those at the first link of the chain first. The list is empty where the
 * digests are equal.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, explainDigest, loadBuiltBundle, readSources } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/failing.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const here = { bundle: await loadBuiltBundle(buildBundle(objects)) };
 * const there = { bundle: await loadBuiltBundle(buildBundle(objects, { labels: { team: 'build' } })) };
 * const causes = await explainDigest(here, there);
 * console.log(causes.map(({ link, cause }) => `${link}: ${cause}`)); // [ 'config: label' ]
 * ```
 */
export async function explainDigest(here: ExplainedSide, there: ExplainedSide): Promise<DigestCause[]> {
  const [ours, theirs] = [here.bundle, there.bundle];
  if (ours.digest === theirs.digest && ours.index === theirs.index) return [];
  const causes = await explainObjects(here, there);
  if (!here.isBare && !there.isBare)
    causes.push(...explainConfig(ours, theirs), ...explainManifest(ours, theirs));
  if (causes.length === 0 && !here.isBare && !there.isBare) causes.push(serialization(ours, theirs));
  const rank = ({ link }: DigestCause) => chainLinks.indexOf(link);
  return causes.sort((left, right) => rank(left) - rank(right));
}

/** The values are equal; only their serialization differs. */
function serialization(ours: LoadedBundle, theirs: LoadedBundle): DigestCause {
  const [one, other] = [ours.manifest.config.digest, theirs.manifest.config.digest];
  const isConfig = one !== other;
  const [here, there] = isConfig ? [one, other] : [ours.digest, theirs.digest];
  const what = isConfig ? 'config' : 'manifest';
  return {
    link: what,
    cause: 'serialization',
    object: null,
    file: null,
    here,
    there,
    message: `the ${what} has the same content in other bytes: another program wrote its JSON`,
  };
}

/** What differs between two configs, but for the diff ids that follow from the objects. */
function explainConfig(ours: LoadedBundle, theirs: LoadedBundle): DigestCause[] {
  const [here, there] = [ours.config, theirs.config];
  const causes: DigestCause[] = mapDifference('labels', here.labels, there.labels).map((found) =>
    because('label', found.ours, found.theirs, `a label differs: here ${found.ours}, there ${found.theirs}`),
  );
  if (here.created !== there.created)
    causes.push(explainCreated(here.created ?? 'none', there.created ?? 'none'));
  for (const [cause, text, what] of facts) {
    const [one, other] = [text(here, ours.objects.length), text(there, theirs.objects.length)];
    if (one !== other)
      causes.push(because(cause, one, other, `${what} differs: here ${one}, there ${other}`));
  }
  for (const [bundle, side] of [
    [ours, 'here'],
    [theirs, 'there'],
  ] as const) {
    const found = bundle.objects.map(({ diffId }) => diffId).join(', ');
    const claimed = bundle.config.diffIds.join(', ');
    if (found === claimed) continue;
    const values = side === 'here' ? ([claimed, found] as const) : ([found, claimed] as const);
    causes.push(
      because('diff-ids', ...values, `the config ${side} claims other diffIds than its layers have`),
    );
  }
  return causes;
}

function historyOf({ history }: ImageConfig, layers: number): string {
  const isUsual = history.length === layers && history.every((time) => time === '0001-01-01T00:00:00Z');
  return isUsual ? 'an empty entry for each layer' : `${history.length} entries for ${layers} layers`;
}

/** Without --ctime tkn takes the epoch in the zone of the machine it runs on. */
function explainCreated(here: string, there: string): DigestCause {
  const [one, other] = [readCreated(here), readCreated(there)];
  if (!one || !other || one.milliseconds !== other.milliseconds) {
    return because('created', here, there, `the created time differs: here ${here}, there ${there}`);
  }
  const local = one.milliseconds === 0 ? '; tkn writes its default time in the time zone of its machine' : '';
  const message = `the created time is one moment in another time zone: here ${here}, there ${there}${local}`;
  return because('created-zone', here, there, message);
}

function because(cause: CauseName, here: string, there: string, message: string): DigestCause {
  return { link: 'config', cause, object: null, file: null, here, there, message };
}
