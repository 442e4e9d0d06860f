import type { Session } from './session.js';

/** The groups of commands, in the order in which help shows them. */
export const commandGroups = {
  job: 'Every day',
  look: 'Inspect',
  publish: 'Publish',
  sign: 'Sign',
  serve: 'Test and serve',
  setup: 'Set up',
  workflows: 'Workflows (kubernaut)',
} as const;

export type CommandGroup = keyof typeof commandGroups;

/** The groups of options, in the order in which help shows them. `connection` is shown by `help connection` and `--all`. */
export const optionGroups = {
  command: 'Options',
  project: 'Project',
  output: 'Output',
  connection: 'Connection',
} as const;

export type OptionGroup = keyof typeof optionGroups;

/** One option, as plain data: parser, help, completion, man page and the reference in docs read the same row. */
export interface OptionRow {
  /** `-c, --config <file>`; `--no-x` gives false for `x`, which is true by default unless `--x` exists too. */
  readonly flags: string;
  readonly summary: string;
  /** Default `command`. */
  readonly group?: OptionGroup;
  readonly choices?: readonly string[];
  readonly default?: unknown;
  /** The default in words, where it is found out by the command. */
  readonly usually?: string;
  /** The environment variable with the value of the option. */
  readonly variable?: string;
  readonly required?: boolean;
  /** May be given several times: a list, unless `parse` makes something else of it. */
  readonly repeat?: boolean;
  /** Gives the value of a text, knowing the value of the times before. @throws InvalidValue */
  parse?(text: string, previous: unknown): unknown;
}

export interface ArgumentRow {
  /** `<name>` is needed, `[name]` is not, `[names...]` takes all that are left. */
  readonly name: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** What completion proposes; `source` is bundles and files. Default `file`. */
  readonly complete?: 'bundle' | 'image' | 'source' | 'shell' | 'file' | 'nothing';
}

export interface ExampleRow {
  /** Behind the name of the program. */
  readonly words: string;
  readonly does: string;
}

/** One command, as plain data. */
export interface CommandRow {
  /** `ensure`, `registry serve`. */
  readonly name: string;
  /** Other names that people type. */
  readonly aliases?: readonly string[];
  readonly group: CommandGroup;
  /** One line in the list of commands. */
  readonly summary: string;
  readonly description: string;
  readonly arguments?: readonly ArgumentRow[];
  /** Its own; `-o`, `-q`, `-v`, `--no-color`, `-C` and `-h` belong to every command. */
  readonly options?: readonly OptionRow[];
  /** Forms of the result beside text and json. */
  readonly outputs?: readonly string[];
  readonly examples: readonly ExampleRow[];
}

/** A command, and what loads and runs it. */
export interface Command<Options = object, Words extends readonly unknown[] = readonly string[]>
  extends CommandRow {
  run(session: Session, words: Words, options: Options): Promise<void>;
}

/** A command among others. */
export type AnyCommand = Command<object, readonly (string | undefined)[]>;

/** The options of a command with those that every command has. */
export function optionsOf({ options = [], outputs = [] }: CommandRow): OptionRow[] {
  return [...options, ...commonOptions(outputs)];
}

function commonOptions(outputs: readonly string[]): OptionRow[] {
  return [
    {
      flags: '-o, --output <form>',
      summary: 'format of the result on standard output',
      group: 'output',
      choices: ['text', 'json', ...outputs],
      default: 'text',
    },
    { flags: '-q, --quiet', summary: 'print only the result and errors', group: 'output' },
    {
      flags: '-v, --verbose',
      summary: 'print more on standard error: credential sources, requests, causes',
      group: 'output',
    },
    { flags: '--no-color', summary: 'print without colours', group: 'output', variable: 'NO_COLOR' },
    directoryOption,
    { flags: '-h, --help', summary: 'show help; with --all the connection options too', group: 'output' },
  ];
}

/** Also taken in front of the command. */
const directoryOption: OptionRow = {
  flags: '-C <directory>',
  summary: 'work in this directory, as git and make do',
  group: 'project',
  repeat: true,
};

/** The parts of an option's flags. */
export interface Flags {
  /** `c` of `-c`. */
  readonly short: string | undefined;
  /** `config` of `--config`, `no-push` of `--no-push`. */
  readonly long: string | undefined;
  /** `file` of `<file>`; undefined for an option without a value. */
  readonly value: string | undefined;
  readonly negated: boolean;
  /** Where the value is kept: `stateDir`, `push`. */
  readonly key: string;
}

export function parseFlags({ flags }: Pick<OptionRow, 'flags'>): Flags {
  const [, short, long, value] = /^(?:-(\w))?(?:, )?(?:--([\w-]+))?(?: <([^>]+)>)?$/.exec(flags) ?? [];
  const negated = long?.startsWith('no-') === true;
  const name = (negated ? long?.slice(3) : long) ?? short ?? '';
  return {
    short,
    long,
    value,
    negated,
    key: name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  };
}
