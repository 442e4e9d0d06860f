import { Command, CommanderError } from 'commander';
import { BundlesError } from '../errors.js';
import { version } from '../version.js';
import type { Context } from './context.js';
import { exitCodeOf } from './exit-codes.js';
import { describeError, usageDocument } from './output/report-error.js';
import type { Session } from './session.js';

/** Puts one command, or one group of them, into the tree. */
export type AddCommand = (program: Command, session: Session) => void;

/** Parses the command line, runs the command and gives the exit status; never throws. */
export async function runCommandLine(context: Context, commands: readonly AddCommand[]): Promise<number> {
  const session: Session = { context, exitCode: 0 };
  try {
    await createCommandTree(session, commands).parseAsync([...context.arguments], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageError(error, context.arguments) : error;
    if (wantsJson(context.arguments)) context.stdout.write(usageDocument(failure));
    context.stderr.write(describeError(failure, { verbose: wantsCauses(context.arguments) }));
    if (context.environment.GITHUB_ACTIONS === 'true') {
      const { annotateError } = await import('./output/github.js');
      annotateError(context, failure);
    }
    return exitCodeOf(failure);
  }
}

/** The program with these commands. */
export function createCommandTree(session: Session, commands: readonly AddCommand[]): Command {
  const program = new Command('bundles')
    .description('Make sure that Tekton bundles exist, are what the sources say, and are pinned by digest.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => session.context.stdout.write(text),
      // Errors are reported once, by runCommandLine.
      writeErr: () => undefined,
      getOutHelpWidth: () => session.context.stdout.columns,
      getOutHasColors: () => session.context.stdout.isTerminal,
    })
    .exitOverride();
  for (const add of commands) add(program, session);
  inheritSettings(program);
  return program;
}

function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}

function usageError(error: CommanderError, words: readonly string[]): BundlesError {
  if (error.code === 'commander.help') return withoutCommand(words);
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/, '')
    .replace(/\.$/, '');
  const suggestion = /\(Did you mean (.*)\?\)/.exec(error.message)?.[1];
  return new BundlesError('USAGE', `Cannot read the command line: ${message}`, {
    hint: suggestion
      ? `Did you mean ${suggestion}?`
      : 'bundles --help lists the commands, bundles COMMAND --help its options',
  });
}

/** `bundles`, `bundles registry` or `bundles help WORD`: commander shows help, we say what is missing. */
function withoutCommand([first, second]: readonly string[]): BundlesError {
  if (first === 'help' && second !== undefined) {
    return new BundlesError('USAGE', `Cannot show help: unknown command ${JSON.stringify(second)}`, {
      hint: 'bundles --help lists the commands',
    });
  }
  const group = first === undefined || first.startsWith('-') ? 'bundles' : `bundles ${first}`;
  return new BundlesError('USAGE', `Cannot run ${group} without a command`, {
    hint: `${group} --help lists the commands`,
  });
}

function wantsJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      word === '--output=json' ||
      /^-[qv]*ojson$/.test(word) ||
      ((word === '--output' || /^-[qv]*o$/.test(word)) && words[index + 1] === 'json'),
  );
}

function wantsCauses(words: readonly string[]): boolean {
  return words.includes('--verbose') || words.includes('-v');
}
