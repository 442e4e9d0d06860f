import { BundlesError, isBundlesError } from '../errors.js';
import { isCi } from '../open/machine.js';
import type { AnyCommand } from './command.js';
import type { Context } from './context.js';
import { exitCodeOf } from './exit-codes.js';
import { findCommand } from './find-command.js';
import { describeError } from './output/report-error.js';
import { createPaint, createScreen } from './output/terminal.js';
import { parseArguments } from './parse-arguments.js';
import type { Session } from './session.js';

/** Parses the command line, runs the command and gives the exit status; never throws. */
export async function runCommandLine(context: Context, commands: readonly AnyCommand[]): Promise<number> {
  const session: Session = { context, exitCode: 0 };
  context.keep(context.arguments.filter((word) => placeLike.test(word)));
  const given = secretsOf(context.environment);
  context.hide(() => given);
  try {
    await runWords(session, commands).finally(() => context.waits.stop());
    return session.exitCode;
  } catch (error) {
    const failure = hintForHere(error, session);
    const form = wantedForm(context.arguments);
    const { outputs = [] } = commands.find(({ name }) => name === session.command) ?? {};
    if (form === 'json') {
      const { failedDocument } = await import('./output/failed-document.js');
      context.stdout.json(failedDocument(session.command, context.arguments, failure));
    } else if ((form === 'junit' || form === 'codequality') && outputs.includes(form)) {
      const { printFailure } = await import('./output/ci/report-form.js');
      const { command = '' } = session;
      await printFailure(context, failure, { form, command });
    }
    const paint = createPaint(context, 'stderr', { color: !context.arguments.includes('--no-color') });
    context.stderr.lines(describeError(failure, { verbose: wantsCauses(context.arguments), paint }));
    if (context.environment.GITHUB_ACTIONS === 'true') {
      const { annotateError } = await import('./output/ci/github-annotations.js');
      await annotateError(context, failure);
    }
    return exitCodeOf(failure);
  }
}

/** What variables hold that are called a token, a password or a secret, and the password of an address. */
function secretsOf(environment: Context['environment']): string[] {
  return Object.entries(environment).flatMap(([name, value = '']) => {
    if (/(?:TOKEN|PASSWORD|SECRET)$/i.test(name)) return [value.trim()];
    const password = /:\/\/[^/:@\s]*:([^/@\s]+)@/.exec(value)?.[1];
    return password === undefined ? [] : [password, unescaped(password)];
  });
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A path or a reference, which may hold no user and password. */
const placeLike = /^(?!-)[\w.:-]+(?:\/[\w.:-]+)+(?:@sha256:[0-9a-f]+)?$/;

async function runWords(session: Session, commands: readonly AnyCommand[]): Promise<void> {
  const { context } = session;
  const [directories, words] = leadingDirectories(context.arguments);
  enter(context, directories);
  const asked = helpAskedFor(words);
  if (asked !== undefined) {
    const { showHelp } = await import('./help/show-help.js');
    context.stdout.text(showHelp(asked, { context, commands }));
    return;
  }
  const found = findCommand(words, commands);
  if (found === undefined) {
    const { unknownCommand } = await import('./unknown-command.js');
    throw unknownCommand(words, commands);
  }
  session.command = found.command.name;
  const { words: given, options } = parseArguments(found.command, found.rest);
  const { C: inside = [], ...own } = options as { readonly C?: readonly string[] };
  enter(context, inside);
  showWaits(context, own);
  await found.command.run(session, given, own);
}

/** Where bundles.yaml lies in a directory above, the failure with the command line that works there. */
function hintForHere(error: unknown, { command }: Session): unknown {
  if (!isBundlesError(error, 'CONFIG_NOT_FOUND') || command === undefined) return error;
  const { message, details, cause } = error;
  if (typeof details.above !== 'string') return error;
  const hint = `Found ${details.above}/bundles.yaml; run: npx tekton-bundles -C ${details.above} ${command}`;
  return new BundlesError('CONFIG_NOT_FOUND', message, { hint, details, cause });
}

/** On a terminal a line for the moment, in CI jobs plain lines; nothing in a pipe, under --quiet, and beside --debug. */
function showWaits(context: Context, { quiet, debug, color }: WaitOptions): void {
  const ci = isCi(context);
  if (quiet || debug || (!ci && !context.stderr.isTerminal)) return;
  const form = ci || context.environment.TERM === 'dumb' ? 'lines' : 'spinner';
  context.waits.start({ clock: context.clock, form, screen: createScreen(context, 'stderr', { color }) });
}

interface WaitOptions {
  readonly quiet?: boolean;
  readonly debug?: boolean;
  readonly color?: boolean;
}

/** `-C DIRECTORY` before the command, as often as it is given. @throws USAGE */
function leadingDirectories(words: readonly string[]): [directories: string[], rest: readonly string[]] {
  const directories: string[] = [];
  let at = 0;
  for (; words[at] === '-C'; at += 2) {
    const directory = words[at + 1];
    if (directory === undefined) {
      throw new BundlesError(
        'USAGE',
        "Cannot read the command line: option '-C <directory>' argument missing",
        {
          hint: 'Name the directory to work in: npx tekton-bundles -C DIRECTORY COMMAND',
        },
      );
    }
    directories.push(directory);
  }
  return [directories, words.slice(at)];
}

/** Each as seen from the one before. @throws USAGE */
function enter(context: Context, directories: readonly string[]): void {
  for (const directory of directories) {
    try {
      context.enterDirectory(directory);
    } catch (error) {
      throw new BundlesError(
        'USAGE',
        `Cannot enter the directory ${JSON.stringify(directory)}: ${reasonOf(error)}`,
        {
          hint: 'Name a directory that exists with -C',
          cause: error,
        },
      );
    }
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'it does not exist';
  if (code === 'ENOTDIR') return 'it is a file';
  return code === 'EACCES' ? 'this user may not' : String(code ?? error);
}

/** The words that help is wanted for: `--help` anywhere before `--`, or `help` in front. */
function helpAskedFor(words: readonly string[]): { subject: readonly string[]; all: boolean } | undefined {
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  const all = before.includes('--all');
  const names = before.filter((word) => !word.startsWith('-'));
  if (before[0] === 'help') return { subject: names.slice(1), all };
  return before.includes('--help') || before.includes('-h') ? { subject: names, all } : undefined;
}

/** What `-o` asks for, whether or not the command line can be read. */
function wantedForm(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const attached = /^(?:--output=|-[qv]*o=?)(\w+)$/.exec(word)?.[1];
    if (attached !== undefined) return attached;
    if (word === '--output' || /^-[qv]*o$/.test(word)) return words[index + 1];
  }
  return undefined;
}

function wantsCauses(words: readonly string[]): boolean {
  return words.includes('--verbose') || words.includes('-v');
}
