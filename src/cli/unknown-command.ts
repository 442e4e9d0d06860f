import { BundlesError } from '../errors.js';
import { type AnyCommand, optionsOf } from './command.js';
import { didYouMean } from './suggest.js';

interface UnknownOptions {
  /** What else may be meant by a word that names no command. */
  readonly others?: readonly string[];
}

/** Names of commands in other programs, and their names here. */
const otherNames: Readonly<Record<string, string>> = {
  publish: 'ensure',
  apply: 'ensure',
  sync: 'ensure',
  plan: 'check',
  status: 'check',
  show: 'inspect',
  validate: 'lint',
  upload: 'push',
  download: 'export',
  pull: 'export',
  save: 'export',
  serve: 'registry serve',
  start: 'up',
  exec: 'with',
  upgrade: 'bump',
  update: 'pin',
};

/** The error for words that name no command, with the command that was most likely meant. Loaded for that alone. */
export function unknownCommand(
  words: readonly string[],
  commands: readonly AnyCommand[],
  { others = [] }: UnknownOptions = {},
): BundlesError {
  const [first, second] = words;
  const names = commands.map(({ name }) => name);
  if (first === undefined) return withoutCommand();
  if (first.startsWith('-')) return beforeCommand(words, commands);
  const below = commandsBelow(first, commands).map(({ name }) => name);
  if (below.length > 0) {
    if (second === undefined || second.startsWith('-')) return withoutCommand(first);
    const meant = didYouMean(
      second,
      below.map((name) => name.slice(first.length + 1)),
    );
    return unknown(
      'command',
      second,
      meant === undefined ? undefined : `${first} ${meant}`,
      `bundles ${first}`,
    );
  }
  // `tkn bundle list` is `bundles list`.
  if (/^(?:tkn|bundles?|tekton-bundles)$/.test(first) && second !== undefined && names.includes(second))
    return unknown('command', first, second);
  const families = names.map((name) => name.split(' ')[0] ?? name);
  const meant = didYouMean(first, [...new Set([...families, ...others])]) ?? meantByOthers(first, names);
  return unknown(others.length > 0 ? 'command or subject' : 'command', first, meant);
}

function meantByOthers(word: string, names: readonly string[]): string | undefined {
  const name = otherNames[word];
  return name !== undefined && names.includes(name) ? name : undefined;
}

function unknown(
  what: 'command' | 'command or subject' | 'option',
  word: string,
  meant: string | undefined,
  group = 'bundles',
): BundlesError {
  const listed = what === 'command or subject' ? 'commands and the subjects of help' : 'commands';
  return new BundlesError('USAGE', `Cannot read the command line: unknown ${what} '${word}'`, {
    hint: meant === undefined ? `npx tekton-${group} --help lists the ${listed}` : `Did you mean ${meant}?`,
  });
}

function withoutCommand(group?: string): BundlesError {
  const what = group === undefined ? 'run: no command is given' : `run ${group}: it needs a command`;
  const words = group === undefined ? 'npx tekton-bundles' : `npx tekton-bundles ${group}`;
  return new BundlesError('USAGE', `Cannot ${what}`, { hint: `${words} --help lists the commands` });
}

/** Of the options only -C may stand before a command. */
function beforeCommand(
  [word = '', ...rest]: readonly string[],
  commands: readonly AnyCommand[],
): BundlesError {
  const name = word.split('=')[0] ?? word;
  const meant =
    rest.find((one) => commands.some((command) => command.name.split(' ')[0] === one)) ?? 'COMMAND';
  const belongs = commands.some((command) =>
    optionsOf(command).some(({ flags }) => flags.split(/[ ,]+/).includes(name)),
  );
  if (!belongs) return unknown('option', name, didYouMean(name, ['--help', '--version']));
  return new BundlesError('USAGE', `Cannot read the command line: option '${name}' precedes the command`, {
    hint: `Put it after the command: npx tekton-bundles ${meant} ${name}`,
  });
}

/** The commands below a first word, such as `registry`. */
export function commandsBelow(word: string | undefined, commands: readonly AnyCommand[]): AnyCommand[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
}
