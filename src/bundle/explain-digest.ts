import type { DigestCause, ExplainedSide } from './digest-cause.js';
import { chainLinks } from './digest-chain.js';
import { explainConfig } from './explain-config.js';
import { explainManifest } from './explain-manifest.js';
import { explainObjects } from './explain-objects.js';
import type { LoadedBundle } from './load-bundle.js';

/**
 * Why the digest here is not the digest there: every cause, those at the first link of the chain first. None where the
 * digests are equal.
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

/** Nothing that they say differs: only how they are written. */
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
    message: `the ${what} says the same in other bytes: another program wrote its JSON`,
  };
}
