import type { CallOptions } from '../../content/store.js';
import { describeLeft, lookForLeft } from '../../publish/left-digest.js';
import type { RegistryRepository } from '../../registry/repository.js';
import type { Decision } from './decide-bundle.js';
import type { LocalBundle } from './local-bundle.js';

/**
 * States that another digest is pinned than before although the sources are the same: whether its content is the same too,
 * and whether the registry still has the old one. Undefined if the digest stays.
 */
export async function retagWarning(
  { previous }: LocalBundle,
  { plan, action, answer }: Decision,
  repository: RegistryRepository | undefined,
  options: CallOptions = {},
): Promise<string | undefined> {
  if (!previous || !plan || previous.digest === plan.entry.digest) return undefined;
  // The same sources give the same content; only a foreign bundle that is taken as it is may have another.
  const foreign = action.do === 'reuse-remote' && answer?.verdict.name === 'different';
  const content = foreign ? 'other content' : 'the same content';
  const text = `the pinned digest was ${previous.digest} and is ${plan.entry.digest} now, ${content}`;
  if (!repository) return text;
  return `${text}; of the old one: ${describeLeft(await lookForLeft(repository, previous.digest, options))}`;
}
