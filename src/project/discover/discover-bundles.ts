import type { ConfigNode } from '../../yaml-file/config-node.js';
import { type FindMatchesOptions, findMatches, type Match } from './find-matches.js';
import { type Discovered, nameMatches, parseDiscover } from './parse-discover.js';

/**
 * The bundles that `discover` finds; what is wrong with it is reported.
 * @throws NOT_READABLE, SOURCE_TOO_LARGE
 */
export async function discoverBundles(node: ConfigNode, options: FindMatchesOptions): Promise<Discovered> {
  const rules = parseDiscover(node);
  const patterns = rules.map((rule) => rule?.pattern);
  return nameMatches(rules, await findMatches(patterns, options));
}

/** The same from matches at hand. */
export function discoverFrom(node: ConfigNode, matches: readonly Match[]): Discovered {
  return nameMatches(parseDiscover(node), matches);
}
