import { createWriteStream } from 'node:fs';
import { BundlesError } from '../errors.js';
import { safeText } from '../http/safe-text.js';

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

/** Enough for any build; a loop that prints for ever stops filling the disk here. */
const longestFile = 256 * 1024 * 1024;
const longestEnd = 64 * 1024;

/** Begins a new log. What cannot be written is lost silently but for its end: a full disk is for the build to tell. */
export function openBuildLog(path: string): BuildLog {
  const file = createWriteStream(path, { flags: 'w', mode: 0o600 });
  let broken = false;
  file.on('error', () => {
    broken = true;
  });
  let size = 0;
  let end = Buffer.alloc(0);
  return {
    path,
    write(chunk) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
      end = Buffer.concat([end, bytes]).subarray(-longestEnd);
      size += bytes.length;
      if (!broken && size <= longestFile) file.write(bytes);
    },
    lastLines: (count) =>
      end
        .toString('utf8')
        .split(/\r?\n|\r/)
        .filter((line) => line.trim() !== '')
        .slice(-count)
        .map((line) => safeText(line, { max: 400 })),
    sinceMark: () => end.toString('utf8'),
    mark() {
      end = Buffer.alloc(0);
    },
    close: () =>
      new Promise((resolve) => {
        if (broken) resolve();
        else file.end(() => resolve());
        file.once('error', () => resolve());
      }),
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
