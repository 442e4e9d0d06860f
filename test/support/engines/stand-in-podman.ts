import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProgram } from '../program/write-program.js';

/** How one `podman build` ends, in the words of the real one. */
export type BuildEnd =
  | 'eof'
  | 'refused'
  | 'lock'
  | 'run-fails'
  | 'run-prints-eof'
  | 'no-runtime'
  | 'hang'
  | 'disk-full'
  | 'killed'
  | 'too-old'
  | 'real';

const ends: Readonly<Record<Exclude<BuildEnd, 'real'>, readonly string[]>> = {
  eof: [
    'echo "STEP 1/2: FROM scratch"',
    'echo "Error: server probably quit: unexpected EOF" >&2',
    'exit 125',
  ],
  refused: [
    'echo "Cannot connect to Podman. Please verify your connection to the Linux system using \\`podman system connection list\\`, or try \\`podman machine init\\` and \\`podman machine start\\` to manage a new Linux VM" >&2',
    'echo "Error: unable to connect to Podman socket: Get \\"http://d/v4.3.1/libpod/_ping\\": dial unix /run/podman/podman.sock: connect: connection refused" >&2',
    'exit 125',
  ],
  lock: [
    'echo "Error: creating build container: acquiring storage lock: timed out waiting for lock, 2 retries left" >&2',
    'exit 125',
  ],
  'run-fails': [
    'echo "STEP 2/2: RUN make"',
    'echo "make: *** [all] Error 2" >&2',
    'echo "Error: building at STEP \\"RUN make\\": while running runtime: exit status 2" >&2',
    'exit 2',
  ],
  'run-prints-eof': [
    'echo "curl: (7) connection refused, unexpected EOF" >&2',
    'echo "Error: building at STEP \\"RUN curl\\": while running runtime: exit status 7" >&2',
    'exit 7',
  ],
  'no-runtime': [
    'echo "error running container: from /usr/bin/crun creating container for [/bin/sh]: cgroups in hybrid mode not supported" >&2',
    'echo "Error: building at STEP \\"RUN true\\": while running runtime: exit status 1" >&2',
    'exit 1',
  ],
  hang: ['echo "STEP 1/2: FROM scratch"', 'sleep 600 & wait'],
  'disk-full': [
    'echo "Error: committing container for step {Env:[] Command:copy}: copying layers: writing blob: write /var/tmp/x: no space left on device" >&2',
    'exit 125',
  ],
  killed: ['kill -9 $$'],
  'too-old': ['echo "Error: unknown flag: --ignorefile" >&2', 'exit 125'],
};

export interface StandIn {
  /** Before the PATH. */
  readonly path: string;
  /** How often it was asked to build. */
  builds(): number;
  /** From now on it answers `podman info` so often with a refused socket. */
  refuse(times: number): void;
}

/**
 * A `podman` in a directory of its own that fails as the real one did, one end for each build in turn, the last one
 * for all that follow. With `real` (and that program's path) a build, and everything but builds, is done by real podman.
 */
export function standInPodman(
  directory: string,
  builds: readonly BuildEnd[],
  {
    real,
    info,
    images = [],
  }: { readonly real?: string; readonly info?: string | undefined; readonly images?: readonly object[] } = {},
): StandIn {
  const path = join(directory, 'bin');
  mkdirSync(path, { recursive: true });
  const counter = join(directory, 'builds');
  const refusals = join(directory, 'refusals');
  const list = join(directory, 'images.json');
  writeFileSync(list, JSON.stringify(images));
  writeFileSync(counter, '');
  writeFileSync(refusals, '');
  const last = builds.at(-1) ?? 'eof';
  const endOf = (end: BuildEnd) => (end === 'real' ? [`exec ${real} "$@"`] : ends[end]);
  const cases = builds.flatMap((end, index) => [`  ${index + 1})`, ...endOf(end), ';;']);
  const otherwise =
    real === undefined
      ? [
          'case "$1" in',
          `info) echo '${info ?? '{"version":{"Version":"4.3.1"}}'}' ;;`,
          `images) cat ${list} ;;`,
          "ps) echo '[]' ;;",
          '*) echo "Error: x: image not known" >&2; exit 125 ;;',
          'esac',
        ]
      : [`exec ${real} "$@"`];
  writeProgram(path, 'podman', [
    `if [ "$1" = info ] && [ -s ${refusals} ]; then`,
    `  tail -c +2 ${refusals} >${refusals}.next; mv ${refusals}.next ${refusals}`,
    ...ends.refused,
    'fi',
    `if [ "$1" != build ]; then`,
    ...otherwise,
    'exit',
    'fi',
    `echo x >>${counter}`,
    `case $(wc -l <${counter} | tr -d ' ') in`,
    ...cases,
    '  *)',
    ...endOf(last),
    ';;',
    'esac',
  ]);
  return {
    path,
    builds: () => readFileSync(counter, 'utf8').split('\n').length - 1,
    refuse: (times) => writeFileSync(refusals, 'x'.repeat(times)),
  };
}
