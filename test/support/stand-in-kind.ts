import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StandInKind {
  /** Before the PATH. */
  readonly path: string;
  /** A copy of the last archive it was given. */
  readonly archive: string;
  /** Each call: the provider it was told, and its words. */
  calls(): string[];
}

/** A `kind` that knows clusters and takes archives; a real cluster needs nodes that are not to be had everywhere. */
export function standInKind(directory: string, clusters: readonly string[]): StandInKind {
  const path = join(directory, 'kind-bin');
  const log = join(directory, 'kind-calls');
  const archive = join(directory, 'kind-archive.tar');
  mkdirSync(path, { recursive: true });
  writeFileSync(log, '');
  const script = [
    '#!/bin/sh',
    `echo "$KIND_EXPERIMENTAL_PROVIDER $*" >>${log}`,
    'case "$1 $2" in',
    `"get clusters") printf '%s\\n' ${clusters.join(' ')} ;;`,
    `"load image-archive") cp "$3" ${archive} ;;`,
    '*) echo "ERROR: unknown command" >&2; exit 1 ;;',
    'esac',
    '',
  ].join('\n');
  writeFileSync(join(path, 'kind'), script);
  chmodSync(join(path, 'kind'), 0o755);
  return { path, archive, calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean) };
}
