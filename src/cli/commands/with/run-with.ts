import { runChild } from '../../../process/run-child.js';
import type { PreparedWorkflows } from '../../../testing/prepare-workflows.js';
import { openSuite } from '../../open/open-suite.js';
import type { SuiteOptions } from '../../options/suite-options.js';
import { count } from '../../output/amounts.js';
import type { Session } from '../../session.js';

export type WithOptions = SuiteOptions;

/** Runs a command with the variables of the suite, and exits with its status. */
export async function runWith(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: WithOptions },
): Promise<void> {
  const { context } = session;
  await using suite = await openSuite(context, options);
  const { prepared, variables, watchdog } = suite;
  if (!options.quiet) {
    context.stderr.line(`${showReady(prepared)} ready at ${prepared.registry}; running ${words.join(' ')}`);
  }
  const group = context.stdin.isTTY !== true;
  session.exitCode = await runChild(words, {
    environment: { ...context.environment, ...variables },
    group,
    signal: context.signal,
    watchdog,
  });
}

/** `3 bundles, 1 of them a workflow`: a bundle need not declare one, and may have several under `workflows:`. */
function showReady({ workflows }: PreparedWorkflows): string {
  const all = Object.values(workflows);
  const declared = all.filter(({ version }) => version !== null).length;
  if (declared === all.length) return count(all.length, 'workflow');
  const names = new Set(all.map(({ bundle }) => bundle)).size;
  const bundles = count(names, 'bundle');
  if (declared === 0) return bundles;
  if (names < all.length) return `${bundles}, ${count(declared, 'workflow')}`;
  return `${bundles}, ${declared} of them ${declared === 1 ? 'a workflow' : 'workflows'},`;
}
