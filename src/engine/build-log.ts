import { createWriteStream } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { BundlesError } from '../errors.js';
import { shorten } from '../http/shorten.js';

/** The output of a build: all of it (up to a limit) in a file, its end at hand. */
export interface BuildLog {
  readonly path: string;
  write(chunk: Uint8Array | string): void;
  /** The last lines, made safe to show. */
  lastLines(count: number): string[];
  /** The end of what was written since `mark()`. */
  sinceMark(): string;
  mark(): void;
  close(): Promise<void>;
}

/** Enough for any build; a loop that prints indefinitely stops filling the disk here. */
const longestFile = 256 * 1024 * 1024;
const longestEnd = 64 * 1024;

export interface BuildLogOptions {
  /** What a RUN may print of them is replaced. */
  readonly secrets?: readonly Uint8Array[];
}

/** Begins a new log. Output that cannot be written is lost, except its end: the build itself reports a full disk. */
export function openBuildLog(path: string, { secrets = [] }: BuildLogOptions = {}): BuildLog {
  const hide = createSecretFilter(secrets);
  const file = createWriteStream(path, { flags: 'w', mode: 0o600 });
  let broken = false;
  file.on('error', () => {
    broken = true;
  });
  let size = 0;
  const end = createTail(longestEnd);
  const put = (bytes: Buffer) => {
    if (bytes.length === 0) return;
    end.add(bytes);
    size += bytes.length;
    if (!broken && size <= longestFile) file.write(bytes);
  };
  const ended = () => {
    put(hide.rest());
    return end.read();
  };
  return {
    path,
    write: (chunk) => put(hide.next(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk))),
    lastLines: (count) =>
      ended()
        .toString('utf8')
        .split(/\r?\n|\r/)
        .filter((line) => line.trim() !== '')
        .slice(-count)
        .map((line) => shorten(stripVTControlCharacters(line), { max: 400 })),
    sinceMark: () => ended().toString('utf8'),
    mark() {
      put(hide.rest());
      end.clear();
    },
    close: () =>
      new Promise((resolve) => {
        put(hide.rest());
        if (broken) resolve();
        else file.end(() => resolve());
        file.once('error', () => resolve());
      }),
  };
}

/** Keeps the last `most` bytes of what is added; joins chunks now and then, since a program may write byte by byte. */
function createTail(most: number) {
  let pieces: Buffer[] = [];
  let length = 0;
  const join = () => {
    const joined = Buffer.concat(pieces).subarray(-most);
    pieces = [joined];
    length = joined.length;
    return joined;
  };
  return {
    add(bytes: Buffer) {
      pieces.push(bytes);
      length += bytes.length;
      if (length > 2 * most) join();
    },
    read: join,
    clear() {
      pieces = [];
      length = 0;
    },
  };
}

interface SecretFilter {
  /** What may be written so far: whole lines. */
  next(chunk: Buffer): Buffer;
  /** What is left, at an end. */
  rest(): Buffer;
}

/** Shorter ones would take ordinary words out of the output. */
const shortestSecret = 4;
const newline = 0x0a;
const carriageReturn = 0x0d;
/** A line that is longer is written in parts. */
const longestLine = 64 * 1024;

/** Replaces secrets, and each line of them, also where a line comes in parts. Bytes are kept as they are. */
function createSecretFilter(secrets: readonly Uint8Array[]): SecretFilter {
  const lines = secrets.flatMap((secret) => Buffer.from(secret).toString('latin1').split(/\r?\n/));
  const hidden = [...new Set(lines.map((line) => line.trim()))]
    .filter((line) => line.length >= shortestSecret)
    .sort((left, right) => right.length - left.length);
  if (hidden.length === 0) return { next: (chunk) => chunk, rest: () => Buffer.alloc(0) };
  const longestHidden = hidden[0]?.length ?? 0;
  let pending = '';
  const take = (length: number) => {
    const text = pending.slice(0, length);
    pending = pending.slice(length);
    return Buffer.from(
      hidden.reduce((left, line) => left.replaceAll(line, '***'), text),
      'latin1',
    );
  };
  /** A place to cut a line where no secret is cut, and behind which one may only have begun. */
  const beforeSecrets = (most: number) => {
    let cut = most;
    for (const line of hidden)
      for (
        let at = pending.indexOf(line, Math.max(0, cut - line.length));
        at >= 0 && at < cut;
        at = pending.indexOf(line, at + 1)
      )
        if (at + line.length > cut) cut = at;
    return cut;
  };
  return {
    next(chunk) {
      // What is pending has no line break: only the chunk is searched.
      const before = pending.length;
      const lines = Math.max(chunk.lastIndexOf(newline), chunk.lastIndexOf(carriageReturn)) + 1;
      pending += chunk.toString('latin1');
      if (lines > 0) return take(before + lines);
      return take(pending.length > longestLine ? beforeSecrets(pending.length - longestHidden) : 0);
    },
    rest: () => take(pending.length),
  };
}

/** A build's error with the end of its output. */
export function withLog(error: BundlesError, log: BuildLog, lines = 20): BundlesError {
  return new BundlesError(error.code, `${error.message} (all output: ${log.path})`, {
    hint: error.hint,
    details: { ...error.details, log: log.path, lastLines: log.lastLines(lines) },
    cause: error.cause,
  });
}
