import {
  type AnyCommand,
  type ArgumentRow,
  type Flags,
  type OptionRow,
  optionsOf,
  parseFlags,
} from '../../command.js';

export interface Candidate {
  readonly text: string;
  readonly means: string;
}

/** What the shell itself adds to the candidates. */
export type Rest = 'files' | 'directories' | 'nothing';

export interface Proposal {
  readonly candidates: readonly Candidate[];
  readonly rest: Rest;
}

export interface ProposeOptions {
  readonly commands: readonly AnyCommand[];
  readonly topics: readonly { readonly name: string; readonly summary: string }[];
  /** The names that a bundles.yaml declares. */
  names(file: string, kind: 'bundle' | 'image'): Promise<readonly string[]>;
}

interface KnownOption extends Flags {
  readonly row: OptionRow;
}

const nothing: Proposal = { candidates: [], rest: 'nothing' };

/** What the last of the words may become. */
export async function propose(typed: readonly string[], options: ProposeOptions): Promise<Proposal> {
  const words = [...typed];
  while (words[0] === '-C' && words.length > 2) words.splice(0, 2);
  // PowerShell before 7.3 drops an empty word, so its script sends two quotes.
  const current = (words.pop() ?? '').replace(/^""$/, '');
  if (words[0] === '-C') return { candidates: [], rest: 'directories' };
  const { commands, topics } = options;
  if (words[0] === 'help') {
    const path = words.slice(1).join(' ');
    const subjects =
      path === '' ? [...firstWords(commands), ...candidatesOf(topics)] : wordsBelow(path, commands);
    return { candidates: starting(subjects, current), rest: 'nothing' };
  }
  const command = commands.find(({ name }) => name === words[0] || name === words.slice(0, 2).join(' '));
  if (command !== undefined) {
    const before = words.slice(command.name.split(' ').length);
    return proposeWithin(command, before, current, options);
  }
  if (words.length === 0)
    return { candidates: starting([...firstWords(commands), ...globalFlags], current), rest: 'nothing' };
  return words.length === 1
    ? { candidates: starting(wordsBelow(words[0] ?? '', commands), current), rest: 'nothing' }
    : nothing;
}

const globalFlags: readonly Candidate[] = [
  { text: 'help', means: 'help on a command or a subject' },
  { text: '--help', means: 'list the commands' },
  { text: '--version', means: 'print the version' },
  { text: '-C', means: 'work in this directory' },
];

async function proposeWithin(
  command: AnyCommand,
  before: readonly string[],
  current: string,
  options: ProposeOptions,
): Promise<Proposal> {
  const known = optionsOf(command).map((row): KnownOption => ({ row, ...parseFlags(row) }));
  const read = readWords(before, known);
  if (read.open !== undefined) return proposeValue(read.open, current, '');
  if (read.ended) return { candidates: [], rest: 'files' };
  const [, flag, value] = /^--([\w-]+)=(.*)$/s.exec(current) ?? [];
  if (flag !== undefined && value !== undefined) {
    const option = known.find(({ long }) => long === flag);
    return option?.value === undefined ? nothing : proposeValue(option, value, `--${flag}=`);
  }
  if (current.startsWith('-')) {
    const flags = known
      .filter(({ row, key }) => row.repeat || !read.given.has(key))
      .map(({ row, long, short }) => ({
        text: long === undefined ? `-${short}` : `--${long}`,
        means: row.summary,
      }));
    return { candidates: starting(flags, current), rest: 'nothing' };
  }
  const { arguments: rows = [] } = command;
  const row = rows[read.words.length] ?? (rows.at(-1)?.name.includes('...') ? rows.at(-1) : undefined);
  return row === undefined ? nothing : proposeArgument(row, current, { ...read, options });
}

interface ReadWords {
  readonly words: readonly string[];
  /** The keys of the options given. */
  readonly given: ReadonlySet<string>;
  /** An option that still wants its value. */
  readonly open: KnownOption | undefined;
  /** Behind `--`. */
  readonly ended: boolean;
  readonly config: string | undefined;
}

function readWords(before: readonly string[], known: readonly KnownOption[]): ReadWords {
  const words: string[] = [];
  const given = new Set<string>();
  let open: KnownOption | undefined;
  let config: string | undefined;
  for (const word of before) {
    if (open !== undefined) {
      if (open.key === 'config') config = word;
      open = undefined;
    } else if (word === '--') {
      return { words, given, open, ended: true, config };
    } else if (word.startsWith('-') && word !== '-') {
      const [name = '', value] = word.split('=', 2);
      const option = known.find(({ long, short }) => name === `--${long}` || name === `-${short}`);
      if (option === undefined) continue;
      given.add(option.key);
      if (option.value !== undefined && value === undefined) open = option;
      else if (option.key === 'config') config = value;
    } else words.push(word);
  }
  return { words, given, open, ended: false, config };
}

function proposeValue({ row, value = '' }: KnownOption, current: string, prefix: string): Proposal {
  const choices = (row.choices ?? []).map((text) => ({ text: `${prefix}${text}`, means: '' }));
  if (choices.length > 0) return { candidates: starting(choices, `${prefix}${current}`), rest: 'nothing' };
  if (value === 'directory') return { candidates: [], rest: 'directories' };
  return { candidates: [], rest: /^(?:file|program)$/.test(value) ? 'files' : 'nothing' };
}

interface ArgumentPlace extends ReadWords {
  readonly options: ProposeOptions;
}

async function proposeArgument(
  row: ArgumentRow,
  current: string,
  { words, config = 'bundles.yaml', options }: ArgumentPlace,
): Promise<Proposal> {
  const { complete = 'file', choices } = row;
  if (choices !== undefined) return { candidates: starting(plain(choices), current), rest: 'nothing' };
  if (complete === 'shell')
    return { candidates: starting(plain(['bash', 'zsh', 'fish', 'powershell']), current), rest: 'nothing' };
  if (complete === 'nothing' || complete === 'file')
    return { candidates: [], rest: complete === 'file' ? 'files' : complete };
  const names = await options.names(config, complete === 'image' ? 'image' : 'bundle');
  const left = names
    .filter((name) => !words.includes(name))
    .map((text) => ({ text, means: complete === 'image' ? 'image' : 'bundle' }));
  return { candidates: starting(left, current), rest: complete === 'source' ? 'files' : 'nothing' };
}

function plain(texts: readonly string[]): Candidate[] {
  return texts.map((text) => ({ text, means: '' }));
}

function starting(candidates: readonly Candidate[], current: string): Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(current));
}

function candidatesOf(rows: readonly { readonly name: string; readonly summary: string }[]): Candidate[] {
  return rows.map(({ name, summary }) => ({ text: name, means: summary }));
}

/** The commands of one word, and the first words of those with two. */
function firstWords(commands: readonly AnyCommand[]): Candidate[] {
  const found = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = name, second] = name.split(' ');
    const others = found.get(first);
    found.set(first, second === undefined ? summary : others === undefined ? second : `${others}, ${second}`);
  }
  return [...found].map(([text, means]) => ({ text, means }));
}

function wordsBelow(word: string, commands: readonly AnyCommand[]): Candidate[] {
  return commands
    .filter(({ name }) => name.startsWith(`${word} `))
    .map(({ name, summary }) => ({ text: name.slice(word.length + 1), means: summary }));
}
