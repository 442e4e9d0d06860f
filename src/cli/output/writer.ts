import { createRedactor, type Redactor } from '../../http/redactor.js';
import { asStarted, canonicalProgram, hintsAsStarted, type Started } from '../program-name.js';
import { breakCommands, cleanControls, escapeInJson, isUnsafeYaml } from './clean-text.js';
import { ownWords } from './own-words.js';
import { createWaits, type Waits } from './waits.js';
import { fitLine } from './wrap.js';

/**
 * The only way to standard output, standard error and report files. Text given to it may hold whatever a registry, a
 * bundle, a file or a program sent: control characters, commands to a CI runner and secrets of the run are removed here
 * and nowhere else. JSON and YAML are escaped instead, and read back as the same values.
 */
export interface Writer {
  /**
   * One line; on a terminal it is broken between words where it is longer than the terminal is wide. A line break inside
   * it came from outside and is a space.
   */
  line(text: string): void;
  lines(lines: Iterable<string>): void;
  /** Lines of our own in one text: help, and what was laid out before. */
  text(text: string): void;
  /** A question: the line stays open. */
  ask(question: string): void;
  /** Writes one JSON document; `indent: 0` for one line. */
  json(value: unknown, options?: { readonly indent?: number }): void;
  /** Documents of YAML. */
  yaml(text: string): Promise<void>;
  /** An annotation of GitHub Actions. */
  annotate(annotation: Annotation): void;
  /** A line for the moment on a terminal, until another one is drawn or `undefined` removes it. */
  draw(line: string | undefined): void;
  /** One line of text as it will be written, for what measures and breaks lines. */
  clean(text: string): string;
  /** A mark that begins or ends a style: the only escape sequences that are written. */
  style(code: number): string;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export interface Annotation {
  readonly level: 'warning' | 'error';
  readonly title: string;
  readonly lines: readonly string[];
  readonly place?: Readonly<Record<string, string | number | undefined>>;
}

/** Where a writer's text goes. */
export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** The writers of one run, and what they share. */
export interface Output extends Pick<Redactor, 'hide' | 'keep'> {
  readonly stdout: Writer;
  readonly stderr: Writer;
  /** What this run waits for, and what puts requests there. */
  readonly waits: Waits;
  readonly watch: Waits['watch'];
  /** A writer to somewhere else: a file of a report. */
  writerTo(sink: Sink): Writer;
}

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** How the program was started: commands in hints are named so. Default `npx tekton-bundles`. */
  readonly started?: () => Started;
}

export function createOutput({
  started = () => ({ program: canonicalProgram }),
  ...sinks
}: OutputOptions): Output {
  const redactor = createRedactor();
  redactor.keep(ownWords);
  const ownMark = String(1e9 + Math.floor(Math.random() * 8e9));
  const screen: Screen = { line: undefined, clear: () => undefined };
  const writerTo = (sink: Sink) => createWriter(sink, { redactor, ownMark, screen, started });
  const stderr = writerTo(sinks.stderr);
  const waits = createWaits(stderr);
  return {
    stdout: writerTo(sinks.stdout),
    stderr,
    waits,
    watch: waits.watch,
    hide: redactor.hide,
    keep: redactor.keep,
    writerTo,
  };
}

/** The line for the moment; both streams may lead to the terminal that shows it. */
interface Screen {
  line: string | undefined;
  clear: () => void;
}

interface WriterSettings {
  readonly redactor: Redactor;
  readonly ownMark: string;
  readonly screen: Screen;
  readonly started: () => Started;
}

function createWriter(sink: Sink, { redactor, ownMark, screen, started }: WriterSettings): Writer {
  const marks = new RegExp(`\\u001b\\[(\\d+);${ownMark}m`, 'g');
  const named = (text: string) => (text.includes(canonicalProgram) ? asStarted(text, started()) : text);
  const clean = (line: string) => cleanLine(named(line), { redactor, marks });
  const write = (text: string) => {
    if (screen.line === undefined || !sink.isTerminal) return sink.write(text);
    const drawn = screen.line;
    screen.clear();
    sink.write(text);
    draw(drawn);
  };
  const draw = (line: string | undefined) => {
    if (!sink.isTerminal) return;
    if (screen.line !== undefined) sink.write('\r\u001b[K');
    screen.line = line;
    if (line !== undefined) sink.write(clean(line));
    screen.clear = () => {
      sink.write('\r\u001b[K');
      screen.line = undefined;
    };
  };
  const fitted = (line: string) =>
    sink.isTerminal ? fitLine(line, Math.max(40, sink.columns)).join('\n') : line;
  const lines = (all: Iterable<string>) => {
    let text = '';
    for (const line of all) text += `${fitted(clean(line))}\n`;
    if (text !== '') write(text);
  };
  return {
    line: (text) => write(`${fitted(clean(text))}\n`),
    lines,
    text(text) {
      const all = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
      write(all.map((line) => `${clean(line)}\n`).join(''));
    },
    ask: (question) => write(clean(question)),
    json(given, { indent = 2 } = {}) {
      const plain = JSON.stringify(given, null, indent);
      const value = plain.includes(canonicalProgram) ? hintsAsStarted(given, started()) : given;
      const text = value === given ? plain : JSON.stringify(value, null, indent);
      const isSafe = redactor.redact(text) === text;
      write(`${escapeInJson(isSafe ? text : JSON.stringify(redacted(value, redactor), null, indent))}\n`);
    },
    async yaml(text) {
      if (!isUnsafeYaml(text) && redactor.redact(text) === text) return write(text);
      const { escapeYaml } = await import('./escape-yaml.js');
      write(escapeYaml(text, redactor));
    },
    annotate({ level, title, lines: data, place = {} }) {
      const properties = Object.entries({ ...place, title })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${escapeProperty(clean(String(value)))}`);
      write(`::${level} ${properties.join(',')}::${escapeData(data.map(clean).join('\n'))}\n`);
    },
    draw,
    clean: (text) => redactor.redact(cleanControls(named(text))),
    style: (code) => `\u001b[${code};${ownMark}m`,
    get isTerminal() {
      return sink.isTerminal;
    },
    get columns() {
      return sink.columns;
    },
  };
}

/** A line with its own styles kept and all else made safe. */
function cleanLine(
  line: string,
  { redactor, marks }: { readonly redactor: Redactor; readonly marks: RegExp },
): string {
  if (!line.includes('\u001b[')) return cleanPart(line, redactor, true);
  let atStart = true;
  return line
    .split(marks)
    .map((part, index) => {
      if (index % 2 === 1) return `\u001b[${part}m`;
      const clean = cleanPart(part, redactor, atStart);
      atStart &&= clean.trim() === '';
      return clean;
    })
    .join('');
}

function cleanPart(text: string, redactor: Redactor, atStart: boolean): string {
  return breakCommands(redactor.redact(cleanControls(text)), { atStart });
}

/** Maps with keys from outside. */
const openMaps: ReadonlySet<string> = new Set(['annotations', 'labels', 'object', 'details', 'parameters']);

/** The value with secrets taken out of its texts, and out of keys where those come from outside. */
function redacted(value: unknown, redactor: Redactor, key?: string, open = false): unknown {
  if (typeof value === 'string') return redactor.redact(value, key === undefined ? {} : { key });
  if (Array.isArray(value)) return value.map((item) => redacted(item, redactor, key, open));
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return redacted(value.toJSON(), redactor, key, open);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const below = open || openMaps.has(name);
      return [open ? redactor.redact(name) : name, redacted(item, redactor, name, below)];
    }),
  );
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}
