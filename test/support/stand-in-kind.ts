import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProgram } from './write-program.js';

export interface StandInKind {
  /** Before the PATH. */
  readonly path: string;
  /** A copy of the last archive it was given. */
  readonly archive: string;
  /** Each call: the provider it was told, and its words. */
  calls(): string[];
}

/** A `kind` that knows clusters and takes archives; a real cluster needs nodes that are not to be had everywhere. */
export function standInKind(
  directory: string,
  clusters: readonly string[],
  { failures = 0 }: { readonly failures?: number } = {},
): StandInKind {
  const path = join(directory, 'kind-bin');
  const log = join(directory, 'kind-calls');
  const archive = join(directory, 'kind-archive.tar');
  writeFileSync(log, '');
  writeProgram(path, 'kind', [
    `echo "$KIND_EXPERIMENTAL_PROVIDER $*" >>${log}`,
    'case "$1 $2" in',
    `"get clusters") printf '%s\\n' ${clusters.join(' ')} ;;`,
    // So many loads fail as the first ones, as they do when an engine quits.
    `"load image-archive") if [ $(grep -c ' load ' ${log}) -le ${failures} ]; then echo "ERROR: failed to load image: unexpected EOF" >&2; exit 1; fi; cp "$3" ${archive} ;;`,
    '*) echo "ERROR: unknown command" >&2; exit 1 ;;',
    'esac',
  ]);
  return { path, archive, calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean) };
}
