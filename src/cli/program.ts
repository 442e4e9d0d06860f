import { Command, CommanderError } from 'commander';
import { BundlesError } from '../errors.js';
import { version } from '../version.js';
import { addBuild } from './commands/build.js';
import { addCheck } from './commands/check.js';
import { addDiff } from './commands/diff.js';
import { addEnsure } from './commands/ensure.js';
import { addExplain } from './commands/explain.js';
import { addImages } from './commands/images.js';
import { addInit } from './commands/init.js';
import { addInspect } from './commands/inspect.js';
import { addList } from './commands/list.js';
import { addLogin } from './commands/login.js';
import { addLogout } from './commands/logout.js';
import { addPin } from './commands/pin.js';
import { addPush } from './commands/push.js';
import { addRegister } from './commands/register.js';
import { addRegistry } from './commands/registry.js';
import { addRun } from './commands/run.js';
import { addVerify } from './commands/verify.js';
import type { Context } from './context.js';
import { exitCodeOf } from './exit-codes.js';
import { describeError } from './report-error.js';
import type { Session } from './session.js';
import { usageDocument } from './usage-document.js';

/** Parses the command line, runs the command and gives the exit status; never throws. */
export async function runProgram(context: Context): Promise<number> {
  const session: Session = { context, exitCode: 0 };
  try {
    await createProgram(session).parseAsync([...context.arguments], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageError(error, context.arguments) : error;
    if (wantsJson(context.arguments)) context.stdout.write(usageDocument(failure));
    context.stderr.write(describeError(failure, { verbose: wantsCauses(context.arguments) }));
    if (context.environment.GITHUB_ACTIONS === 'true') {
      const { annotateError } = await import('./github.js');
      annotateError(context, failure);
    }
    return exitCodeOf(failure);
  }
}

/** The whole command tree; also read by the test that asks every command for its documentation. */
export function createProgram(session: Session): Command {
  const program = new Command('bundles')
    .description('Make sure that Tekton bundles exist, are what the sources say, and are pinned by digest.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => session.context.stdout.write(text),
      // Errors are reported once, by runProgram.
      writeErr: () => undefined,
      getOutHelpWidth: () => session.context.stdout.columns,
      getOutHasColors: () => session.context.stdout.isTerminal,
    })
    .exitOverride();
  for (const add of [
    addEnsure,
    addCheck,
    addBuild,
    addPush,
    addList,
    addInspect,
    addDiff,
    addExplain,
    addVerify,
    addPin,
    addRun,
    addRegister,
    addRegistry,
    addImages,
    addInit,
    addLogin,
    addLogout,
  ])
    add(program, session);
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
