import { BundlesError, type ErrorCode } from '../errors.js';
import { safeText } from '../http/safe-text.js';

/** Why a container engine failed, by what it says at its end. */
export interface EngineFailure {
  readonly code: ErrorCode;
  /** A word for programs. */
  readonly reason: string;
  /** True where the same command may succeed once the engine answers again. */
  readonly transient: boolean;
  /** The line of the engine that says it. */
  readonly line: string;
  readonly hint?: string;
}

interface Rule extends Omit<EngineFailure, 'line'> {
  readonly pattern: RegExp;
  /** Look at the whole end of the output instead of the engine's own last line. */
  readonly anywhere?: true;
}

const chroot = 'The container runtime cannot run here; with BUILDAH_ISOLATION=chroot podman needs none';
const memory =
  'Something killed it, most likely for want of memory: run fewer builds, or give the machine more';
const answer = 'See that the engine answers: podman info, or docker info; on a Mac: podman machine start';

/** The first that fits counts. A failing RUN prints what it likes, so only the engine's last line decides on trying again. */
const rules: readonly Rule[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    anywhere: true,
    code: 'DISK_FULL',
    reason: 'disk-full',
    transient: false,
    hint: 'Free some space; npx tekton-bundles images prune shows what would go',
  },
  {
    pattern: /from \S*(?:crun|runc|youki|runsc) creating container|OCI runtime error/i,
    anywhere: true,
    code: 'ENGINE_FAILED',
    reason: 'runtime',
    transient: false,
    hint: chroot,
  },
  {
    pattern: /cannot keep the build/i,
    code: 'ENGINE_FAILED',
    reason: 'supervisor',
    transient: false,
    hint: 'See that this user may write into the directory of the build slots',
  },
  {
    pattern: /signal: killed|exit status 137|exit code:? 137/i,
    code: 'ENGINE_FAILED',
    reason: 'killed',
    transient: false,
    hint: memory,
  },
  {
    pattern: /building at STEP|did not complete successfully|executor failed running|subprocess exited/i,
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
    hint: 'The engine does not get a base image from its registry',
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
    hint: 'Something else uses the image store: podman ps --all --external shows what',
  },
];

/** `output` is the end of all that it wrote. */
export function readEngineFailure(status: number | string, output: string): EngineFailure {
  const lines = output.split(/\r?\n|\r/).filter((line) => line.trim() !== '');
  const own = lines.findLastIndex((line) => /^(?:error|fatal|cannot connect)\b/i.test(line));
  const last = safeText(lines[own < 0 ? lines.length - 1 : own] ?? '', { max: 500 });
  // The engine says over several lines that nobody answers it.
  const end = own < 0 ? last : lines.slice(Math.max(0, own - 1)).join(' ');
  const line = last === '' ? `exit status ${status}` : last.replace(/^error:\s*/i, '');
  for (const { pattern, anywhere, ...failure } of rules)
    if (pattern.test(anywhere ? lines.slice(-20).join('\n') : end)) return { ...failure, line };
  if (status === 137 || status === 'SIGKILL')
    return { code: 'ENGINE_FAILED', reason: 'killed', transient: false, line, hint: memory };
  return { code: 'BUILD_FAILED', reason: 'engine', transient: false, line };
}

/** `doing` e.g. `build the image "web"`. */
export function engineError(
  doing: string,
  failure: EngineFailure,
  details: Readonly<Record<string, unknown>> = {},
): BundlesError {
  return new BundlesError(failure.code, `Cannot ${doing}: ${failure.line}`, {
    hint: failure.hint,
    details: { reason: failure.reason, transient: failure.transient, ...details },
  });
}
