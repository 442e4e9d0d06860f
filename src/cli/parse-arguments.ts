import { BundlesError } from '../errors.js';
import {
  type ArgumentRow,
  type CommandRow,
  type Flags,
  type OptionRow,
  optionsOf,
  parseFlags,
} from './command.js';
import { InvalidValue } from './options/invalid-value.js';
import { didYouMean } from './suggest.js';

/** The words and options of one command, read by its row. */
export interface Arguments {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

interface KnownOption extends Flags {
  readonly row: OptionRow;
}

/** Reads the words after the name of a command. @throws USAGE */
export function parseArguments(command: CommandRow, given: readonly string[]): Arguments {
  const known = optionsOf(command).map((row): KnownOption => ({ row, ...parseFlags(row) }));
  const options: Record<string, unknown> = defaults(known);
  const set = new Set<string>();
  const words: string[] = [];
  const rest = [...given];
  /** Takes the value of an option from behind `=`, or else the next word. */
  const take = (option: KnownOption, shown: string, attached: string | undefined): void => {
    set.add(option.key);
    if (option.value === undefined) {
      if (attached !== undefined) throw usage(`option '${shown}' takes no value`, command);
      options[option.key] = !option.negated;
      return;
    }
    const text = attached ?? rest.shift();
    if (text === undefined) throw usage(`option '${option.row.flags}' argument missing`, command);
    if (attached === undefined && isOption(text, known)) {
      const hint = `Write the value before ${text}; if it is the value: ${joined(shown, text)}`;
      throw usage(`option '${option.row.flags}' argument missing before '${text}'`, command, hint);
    }
    options[option.key] = readValue(option, shown, text, options[option.key]);
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      words.push(...rest.splice(0));
    } else if (word.startsWith('--')) {
      const at = word.indexOf('=');
      const name = at < 0 ? word.slice(2) : word.slice(2, at);
      const option = known.find(({ long }) => long === name);
      if (option === undefined) throw unknownOption(`--${name}`, known, command);
      take(option, `--${name}`, at < 0 ? undefined : word.slice(at + 1));
    } else if (word.startsWith('-') && word.length > 1) {
      takeShort(word, { known, command, take });
    } else {
      words.push(word);
    }
  }
  for (const { row, key } of known) {
    if (row.required && !set.has(key)) throw usage(`required option '${row.flags}' not specified`, command);
  }
  return { words: checkedWords(command, words), options };
}

/** A word that is one of the command's long options, with or without a value: hardly ever the value of another option. */
function isOption(text: string, known: readonly KnownOption[]): boolean {
  const [, name] = /^--([^=]+)/.exec(text) ?? [];
  return name !== undefined && known.some(({ long }) => long === name);
}

function joined(shown: string, text: string): string {
  return shown.startsWith('--') ? `${shown}=${text}` : `${shown}${text}`;
}

interface ShortOptions {
  readonly known: readonly KnownOption[];
  readonly command: CommandRow;
  take(option: KnownOption, shown: string, attached: string | undefined): void;
}

/** `-q`, `-qv`, `-o json`, `-ojson`, `-qo=json`. */
function takeShort(word: string, { known, command, take }: ShortOptions): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at];
    const option = known.find(({ short }) => short === letter);
    if (option === undefined) throw unknownOption(at === 1 ? word : `-${letter}`, known, command);
    if (option.value !== undefined) {
      const attached = word.slice(at + 1);
      take(option, `-${letter}`, attached === '' ? undefined : attached.replace(/^=/, ''));
      return;
    }
    take(option, `-${letter}`, undefined);
  }
}

function defaults(known: readonly KnownOption[]): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const { row, key, negated } of known) {
    if (row.default !== undefined) options[key] = row.default;
    else if (negated && !known.some((other) => other.key === key && !other.negated)) options[key] = true;
  }
  return options;
}

function readValue({ row }: KnownOption, shown: string, text: string, previous: unknown): unknown {
  if (row.choices !== undefined && !row.choices.includes(text)) throw notAChoice(shown, text, row.choices);
  // The value before the first time is a default.
  if (row.parse === undefined)
    return row.repeat ? [...((previous as string[] | undefined) ?? []), text] : text;
  try {
    return row.parse(text, previous);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new BundlesError('USAGE', `Cannot read ${shown} ${JSON.stringify(text)}: wanted ${error.wanted}`, {
      hint: `${row.flags}: ${row.summary}`,
    });
  }
}

function checkedWords({ name, arguments: rows = [] }: CommandRow, words: readonly string[]): string[] {
  const last = rows.at(-1);
  const many = last?.name.includes('...') === true;
  if (!many && words.length > rows.length) {
    throw new BundlesError(
      'USAGE',
      `Cannot read the command line: too many arguments for ${name}; wanted at most ${rows.length}, found ${words.length}`,
      { hint: `npx tekton-bundles ${name} --help shows its arguments and options` },
    );
  }
  const checked = [...words];
  for (const [index, row] of rows.entries()) {
    const word = words[index];
    if (word === undefined) {
      if (row.name.startsWith('<')) throw missingArgument(name, row);
      if (row.default !== undefined) checked.push(row.default);
    } else if (row.choices !== undefined && !row.choices.includes(word)) {
      throw notAChoice(plainName(row), word, row.choices);
    }
  }
  return checked;
}

/** `names` of `[names...]`. */
export function plainName({ name }: ArgumentRow): string {
  return name.replace(/^[<[]|[\]>]$/g, '').replace('...', '');
}

function notAChoice(shown: string, text: string, choices: readonly string[]): BundlesError {
  const meant = didYouMean(text, choices);
  return new BundlesError(
    'USAGE',
    `Cannot read ${shown} ${JSON.stringify(text)}: Allowed choices are ${choices.join(', ')}`,
    { hint: meant === undefined ? `Choose one of ${choices.join(', ')}` : `Did you mean ${meant}?` },
  );
}

function missingArgument(name: string, row: ArgumentRow): BundlesError {
  return new BundlesError('USAGE', `Cannot run ${name}: missing required argument '${plainName(row)}'`, {
    hint: `${plainName(row).toUpperCase()}: ${row.summary}; npx tekton-bundles ${name} --help shows examples`,
  });
}

function unknownOption(shown: string, known: readonly KnownOption[], command: CommandRow): BundlesError {
  const all = known.flatMap(({ short, long }) => (long === undefined ? [`-${short}`] : [`--${long}`]));
  const meant = shown.startsWith('--') ? didYouMean(shown, all) : undefined;
  return usage(
    `unknown option '${shown}'`,
    command,
    meant === undefined ? undefined : `Did you mean ${meant}?`,
  );
}

function usage(problem: string, { name }: CommandRow, hint?: string): BundlesError {
  return new BundlesError('USAGE', `Cannot read the command line: ${problem}`, {
    hint: hint ?? `npx tekton-bundles ${name} --help shows its arguments and options`,
  });
}
