import type { ImageConfig } from '../oci/image-config.js';
import { readCreated } from './created-time.js';
import type { CauseName, DigestCause } from './digest-cause.js';
import type { LoadedBundle } from './load-bundle.js';
import { mapDifference } from './map-difference.js';

/** What differs between two configs, but for the diff ids that follow from the objects. */
export function explainConfig(ours: LoadedBundle, theirs: LoadedBundle): DigestCause[] {
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

const facts: readonly (readonly [CauseName, (config: ImageConfig, layers: number) => string, string])[] = [
  [
    'platform',
    ({ os, architecture }) => `${os || 'no os'}/${architecture || 'no architecture'}`,
    'the platform',
  ],
  ['config-other', ({ others }) => others.join(', ') || 'nothing', 'what else the config says'],
  ['history', historyOf, 'the history'],
];

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
