import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a program that stands in for a real one, as lines for `sh`, and returns its path. Whatever the PATH of the test
 * is, the lines find `cat`, `rm` and the like where every POSIX system has them.
 */
export function writeProgram(directory: string, name: string, lines: readonly string[]): string {
  const path = join(directory, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, ['#!/bin/sh', 'PATH="$PATH:/usr/bin:/bin"', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}
