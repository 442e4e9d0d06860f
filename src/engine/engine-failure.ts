import { stripVTControlCharacters } from 'node:util';
import { BundlesError, type ErrorCode } from '../errors.js';
import { shorten } from '../http/shorten.js';

/** Why a container engine failed, by what it states at its end. */
export interface EngineFailure {
  readonly code: ErrorCode;
  /** A stable word for programs. */
  readonly reason: string;
  /** True where the same command may succeed once the engine answers again. */
  readonly transient: boolean;
  /** The line of the engine that states it. */
  readonly line: string;
  readonly hint?: string;
}

interface Rule extends Omit<EngineFailure, 'line'> {
  readonly pattern: RegExp;
}

const chroot = 'The container runtime cannot run here; with BUILDAH_ISOLATION=chroot podman needs none';
const moreMemory = 'Run fewer builds at once, or give the machine, or the control group, more memory';
const killed = {
  code: 'ENGINE_FAILED',
  reason: 'killed',
  transient: false,
  hint: 'Something killed it, most likely because memory ran out: run fewer builds, or give the machine more',
} as const;
const noRuntime = { code: 'ENGINE_FAILED', reason: 'runtime', transient: false, hint: chroot } as const;
const answer = 'Check that the engine answers: podman info, or docker info; on a Mac: podman machine start';

/** Of the engine's own message, without the step that it quotes. The first that fits counts. */
const rules: readonly Rule[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'DISK_FULL',
    reason: 'disk-full',
    transient: false,
    hint: 'Free some space; npx tekton-bundles images prune lists what it would remove',
  },
  {
    pattern: /cannot allocate memory|out of memory/i,
    code: 'ENGINE_FAILED',
    reason: 'memory',
    transient: false,
    hint: moreMemory,
  },
  {
    pattern: /unknown (?:shorthand )?flag|unknown command|flag provided but not defined/i,
    code: 'ENGINE_UNSUPPORTED',
    reason: 'unsupported',
    transient: false,
    hint: 'Install a newer version of the engine, or use another with --engine',
  },
  {
    pattern: /OCI runtime (?:create failed|error)/i,
    ...noRuntime,
  },
  {
    pattern: /cannot keep the build/i,
    code: 'ENGINE_FAILED',
    reason: 'supervisor',
    transient: false,
    hint: 'Check that this user can write into the directory of the build slots',
  },
  {
    pattern: /signal: killed|exit status 137|exit code:? 137|returned a non-zero code: 137/i,
    ...killed,
  },
  {
    pattern:
      /(?:^|: )exit status \d+$|did not complete successfully|executor failed running|returned a non-zero code/i,
    code: 'BUILD_FAILED',
    reason: 'step',
    transient: false,
  },
  {
    pattern:
      /unauthorized|authentication required|denied: |access to the resource is denied|authorization failed/i,
    code: 'REGISTRY_DENIED',
    reason: 'denied',
    transient: false,
    hint: 'The engine pushes and pulls with its own credentials: podman login REGISTRY, or docker login',
  },
  {
    pattern:
      /pinging container registry|initializing source docker:|reading manifest|registry-1\.docker\.io|failed to resolve source metadata/i,
    code: 'REGISTRY_UNREACHABLE',
    reason: 'base',
    transient: false,
    hint: 'The engine cannot pull a base image from its registry',
  },
  {
    pattern:
      /unexpected EOF|server probably quit|: EOF$|connection reset by peer|broken pipe|closed network connection/i,
    code: 'ENGINE_FAILED',
    reason: 'eof',
    transient: true,
    hint: answer,
  },
  {
    pattern:
      /connect to Podman|connect to the Docker daemon|dial (?:unix|tcp) .*(?:refused|no such file|timeout)|connection refused/i,
    code: 'ENGINE_FAILED',
    reason: 'refused',
    transient: true,
    hint: answer,
  },
  {
    pattern:
      /lock.*tim(?:ed?|e-)? ?out|tim(?:ed?|e-)? ?out.*lock|database is locked|resource temporarily unavailable|locked by another process/i,
    code: 'ENGINE_FAILED',
    reason: 'lock',
    transient: true,
    hint: 'Another program uses the image store: podman ps --all --external lists what',
  },
];

/**
 * What a failure was, by the exit status and by what the engine itself states at its end: a RUN prints what it likes, but
 * nothing after that. `output` is the end of all that was written.
 */
export function readEngineFailure(status: number | string, output: string): EngineFailure {
  const lines = output.split(/\r?\n|\r/).filter((line) => line.trim() !== '');
  const isKilled = status === 137 || status === 'SIGKILL';
  const own = ownLines(lines, isKilled);
  const ownOutput = own.join('\n');
  const first = shorten(stripVTControlCharacters(own[0] ?? lines.at(-1) ?? ''), { max: 500 });
  const line = first === '' ? `exit status ${status}` : first.replace(/^error:\s*/i, '');
  // What ended a step is in the message, and an engine that was killed wrote none.
  if (isKilled && !/exit (?:status|code)|non-zero code/i.test(ownOutput)) return { ...killed, line };
  const before = lines.slice(0, lines.length - own.length);
  const cause = withoutQuotes(ownOutput, before);
  if (/exit status 1$/.test(cause)) {
    if (isKilledStep(before)) return { ...killed, line };
    if (isRuntime(before)) return { ...noRuntime, line };
  }
  for (const { pattern, ...failure } of rules) {
    if (pattern.test(cause)) return { ...failure, line: withReason(line, { own, pattern }) };
  }
  const reason = /building at STEP/.test(ownOutput) ? 'step' : 'engine';
  return { code: 'BUILD_FAILED', reason, transient: false, line };
}

/** podman's first line may only count the errors below it; each of these is a chain of hundreds of characters. */
function withReason(
  line: string,
  { own, pattern }: { readonly own: readonly string[]; readonly pattern: RegExp },
): string {
  const stated = own.find((one) => pattern.test(one));
  if (stated === undefined || !/\d errors? occurred:$/.test(line)) return line;
  const end = stated.trim().split(': ').slice(-2).join(': ');
  return shorten(`${line} ${stripVTControlCharacters(end)}`, { max: 500 });
}

/** From the last line that begins as errors do. docker ends the list of its options with a hint, and a failed step without one. */
function ownLines(lines: readonly string[], isKilled: boolean): readonly string[] {
  const error = lines.findLastIndex((line) => /^(?:error|fatal|cannot connect)\b/i.test(line));
  if (error >= 0) return lines.slice(error);
  if (isKilled) return [];
  const usage = / --help'/.test(lines.at(-1) ?? '')
    ? lines.findLastIndex((line) => unknownFlag.test(line))
    : -1;
  return lines.slice(usage < 0 ? -1 : usage);
}

const unknownFlag = /unknown (?:shorthand )?flag: '?([\w-]+)/;

/** The texts of steps, which the messages quote, are the user's. */
function withoutQuotes(message: string, before: readonly string[]): string {
  const step = before[lastStep(before)]?.replace(stepLine, '');
  const quoted = step === undefined ? -1 : message.indexOf(`building at STEP "${step}": `);
  if (step !== undefined && quoted >= 0) return message.slice(quoted + `building at STEP "${step}": `.length);
  return message
    .replace(/building at STEP ".*": /s, '')
    .replace(/process ".*" did not/s, 'process did not')
    .replace(/The command '.*' returned/s, 'The command returned');
}

const stepLine = /^(?:\[[^\]]*\] )?STEP \d+\/\d+: /;
const lastStep = (lines: readonly string[]) => lines.findLastIndex((line) => stepLine.test(line));

/** In a chroot. A step that only prints the first of these lines is followed by the second twice. */
function isKilledStep(before: readonly string[]): boolean {
  return (
    before.at(-2) === 'subprocess exited on killed' && before.at(-1) === 'subprocess exited with status 1'
  );
}

/** A step that never began: it has printed nothing before. */
function isRuntime(before: readonly string[]): boolean {
  return /^error running container: from \S*(?:crun|runc|youki|runsc) creating container/i.test(
    before[lastStep(before) + 1] ?? '',
  );
}

/** The option that an engine does not support. */
function unknownOption({ reason, line }: EngineFailure): string | undefined {
  return reason === 'unsupported' ? unknownFlag.exec(line)?.[1] : undefined;
}

/** A process that was killed while the kernel killed for want of memory. */
export function forWantOfMemory(failure: EngineFailure): EngineFailure {
  const line = `killed for want of memory: ${failure.line}`;
  return { ...failure, reason: 'memory', hint: moreMemory, line };
}

/** `doing` e.g. `build the image "web"`. */
export function engineError(
  doing: string,
  failure: EngineFailure,
  details: Readonly<Record<string, unknown>> = {},
): BundlesError {
  return new BundlesError(failure.code, `Cannot ${doing}: ${failure.line}`, {
    hint: failure.hint,
    details: {
      reason: failure.reason,
      transient: failure.transient,
      ...(failure.reason === 'unsupported' && { option: unknownOption(failure) ?? null }),
      ...details,
    },
  });
}
