import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProgram } from '../program/write-program.js';

export interface StandInKind {
  /** Before the PATH. */
  readonly path: string;
  /** A copy of the last archive it was given. */
  readonly archive: string;
  /** Each call: the provider it was given, and its words. */
  calls(): string[];
  /** Replaces the image that a node has by another of the same name; without an id the node has none any more. */
  change(node: string, id?: string): void;
}

/**
 * A `kind` that lists clusters and loads archives; a real cluster needs containers that run systemd. With `nodes`, and
 * the path of a real podman, a `podman exec NODE crictl inspecti` beside it answers with what was loaded into the node.
 */
export function standInKind(
  directory: string,
  clusters: readonly string[],
  {
    failures = 0,
    nodes = [],
    podman,
  }: { readonly failures?: number; readonly nodes?: readonly string[]; readonly podman?: string } = {},
): StandInKind {
  const path = join(directory, 'kind-bin');
  const log = join(directory, 'kind-calls');
  const archive = join(directory, 'kind-archive.tar');
  const held = join(directory, 'kind-nodes');
  mkdirSync(held, { recursive: true });
  writeFileSync(log, '');
  writeProgram(path, 'kind', [
    `echo "$KIND_EXPERIMENTAL_PROVIDER $*" >>${log}`,
    'case "$1 $2" in',
    `"get clusters") printf '%s\\n' ${clusters.join(' ')} ;;`,
    `"get nodes") for node in ${nodes.join(' ')}; do echo "$node"; done ;;`,
    // So many loads fail as the first ones, as they do when an engine quits.
    `"load image-archive") if [ $(grep -c ' load ' ${log}) -le ${failures} ]; then echo "ERROR: failed to load image: unexpected EOF" >&2; exit 1; fi; cp "$3" ${archive}`,
    // An archive names its image in manifest.json: {"Config":"ID.json","RepoTags":[…]}.
    `  for node in $(echo "$7" | tr , ' '); do tar -xOf "$3" manifest.json >${held}/$node; done ;;`,
    '*) echo "ERROR: unknown command" >&2; exit 1 ;;',
    'esac',
  ]);
  if (podman !== undefined)
    writeProgram(path, 'podman', [
      `if [ "$1" != exec ]; then exec ${podman} "$@"; fi`,
      `if [ "$3 $4 $5 $6" != "crictl inspecti -o json" ]; then exit 127; fi`,
      `if ! grep -qsF "$7" ${held}/$2; then echo "no such image $7 present" >&2; exit 1; fi`,
      `sed 's/.*"Config":"\\([a-f0-9]*\\)\\.json".*/{"status":{"id":"sha256:\\1"}}/' ${held}/$2`,
    ]);
  return {
    path,
    archive,
    calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    change(node, id) {
      const file = join(held, node);
      if (id === undefined) rmSync(file);
      else writeFileSync(file, readFileSync(file, 'utf8').replace(/[a-f0-9]{64}\.json/, `${id}.json`));
    },
  };
}
