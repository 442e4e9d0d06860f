import { type Context, processContext } from '../context.js';
import { exitCodeOf } from '../exit-codes.js';
import { annotateError } from '../output/ci/github-annotations.js';
import { describeError } from '../output/report-error.js';
import { runProgram } from '../program.js';
import { canonicalProgram } from '../program-name.js';
import { readInputs } from './read-inputs.js';
import { readTriggeringEvent } from './triggering-event.js';

/** The entry of the GitHub Action: reads its inputs, runs the command and leaves with its exit status. */
export async function runAction(): Promise<void> {
  const context = processContext({ started: { program: canonicalProgram } });
  context.leave(await runInputs(context));
}

async function runInputs(context: Context): Promise<number> {
  const event = await readTriggeringEvent(context.environment);
  try {
    const { words, environment } = readInputs(context.environment, event);
    if (event.isFromStranger) {
      context.stderr.line(
        `${event.name} of a fork: GitHub gives this job no secrets and a token that only reads`,
      );
    }
    return await runProgram(withGiven(context, { arguments: words, environment }));
  } catch (error) {
    context.stderr.lines(describeError(error, { verbose: false }));
    await annotateError(context, error);
    return exitCodeOf(error);
  }
}

/** The context with other properties; those that are opened where they are read stay so. */
function withGiven(context: Context, given: Pick<Context, 'arguments' | 'environment'>): Context {
  const properties = Object.getOwnPropertyDescriptors(context);
  return Object.defineProperties({} as Context, {
    ...properties,
    ...Object.getOwnPropertyDescriptors(given),
  });
}
