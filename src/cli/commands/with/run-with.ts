import { runChild } from '../../../process/run-child.js';
import { openSuite } from '../../open/open-suite.js';
import type { SuiteOptions } from '../../options/suite-options.js';
import { count } from '../../output/amounts.js';
import type { Session } from '../../session.js';

export type WithOptions = SuiteOptions;

/** Runs a command that finds everything by its variables; its exit status is ours. */
export async function runWith(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: WithOptions },
): Promise<void> {
  const { context } = session;
  await using suite = await openSuite(context, options);
  const { prepared, variables, watchdog } = suite;
  if (!options.quiet) {
    const ready = count(Object.keys(prepared.workflows).length, 'workflow');
    context.stderr.write(`${ready} ready at ${prepared.registry}; running ${words.join(' ')}\n`);
  }
  const group = context.stdin.isTTY !== true;
  session.exitCode = await runChild(words, {
    environment: { ...context.environment, ...variables },
    group,
    signal: context.signal,
    watchdog,
  });
}
