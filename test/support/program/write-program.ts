import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a program that replaces a real one, as lines for `sh`, and returns its path. Whatever the PATH of the test
 * is, the lines find `cat`, `rm` and the like where every POSIX system has them.
 */
export function writeProgram(directory: string, name: string, lines: readonly string[]): string {
  const path = join(directory, name);
  writeExecutable(path, ['#!/bin/sh', 'PATH="$PATH:/usr/bin:/bin"', ...lines, ''].join('\n'));
  return path;
}

/**
 * Writes a file that can be run at once. Another process does it: a child that another thread of this one forks at that
 * moment would hold the file open for writing, and the system refuses to run such a file (ETXTBSY).
 */
export function writeExecutable(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const write = 'PATH="$PATH:/usr/bin:/bin"; cat > "$0" && chmod 755 "$0"';
  execFileSync('/bin/sh', ['-c', write, path], { input: text });
}
