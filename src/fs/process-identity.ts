import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid as ownPid, platform } from 'node:process';
import { errnoOf, ifPossible } from './machine-error.js';

/**
 * Identifies a process so that another one can check whether it still runs. `space` is where the pid means something:
 * one boot of one machine and one pid namespace (containers that share a directory do not share pids).
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which the process started; 0 if the system does not report it. */
  readonly start: number;
  readonly space: string;
}

export type Liveness = 'alive' | 'dead' | 'unknown';

/** Asked of the system once: it cannot change while the process lives. */
let own: Promise<ProcessIdentity> | undefined;

export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= askOwnIdentity();
  return own;
}

async function askOwnIdentity(): Promise<ProcessIdentity> {
  return { pid: ownPid, start: processStat('self')?.start ?? 0, space: pidSpace() };
}

/** Names a child of this process; undefined where it has ended already. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = processStat(pid);
  if (stat === undefined && platform === 'linux') return undefined;
  return { pid, start: stat?.start ?? 0, space: (await ownIdentity()).space };
}

/** `unknown` if only a heartbeat could show it. A pid used again by another process is `dead`. */
export async function livenessOf(other: ProcessIdentity, self: ProcessIdentity): Promise<Liveness> {
  if (other.space !== self.space) return 'unknown';
  if (other.pid === self.pid) return other.start === self.start ? 'alive' : 'dead';
  try {
    kill(other.pid, 0);
  } catch (error) {
    // EPERM: it runs and belongs to another user.
    if (errnoOf(error) === 'ESRCH') return 'dead';
  }
  const stat = processStat(other.pid);
  if (stat === undefined || other.start === 0) return 'unknown';
  return stat.start === other.start && !stat.ended ? 'alive' : 'dead';
}

export function formatIdentity({ pid, start, space }: ProcessIdentity): string {
  return `${pid}-${start}-${space}`;
}

export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^(\d{1,10})-(\d{1,15})-([a-f0-9]{12})$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return undefined;
  return { pid: Number(match[1]), start: Number(match[2]), space: match[3] };
}

function pidSpace(): string {
  const boot = ifPossible(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')) ?? '';
  const namespace = ifPossible(() => readlinkSync('/proc/self/ns/pid')) ?? '';
  // A pid namespace's number is only known to be unique together with the boot it belongs to.
  const known = boot !== '' && namespace !== '' ? [boot, namespace] : [platform, hostname(), boot, namespace];
  return createHash('sha256').update(known.join('\n')).digest('hex').slice(0, 12);
}

/** True for a process that was stopped (SIGSTOP, Ctrl-Z) and has not been continued. */
export async function isStopped(pid: number): Promise<boolean> {
  return /^[Tt]$/.test(processStat(pid)?.state ?? '');
}

/** Fields 3 (state) and 22 (start time) of proc_pid_stat(5); the name before them may hold anything. */
function processStat(
  pid: number | 'self',
): { readonly start: number; readonly ended: boolean; readonly state: string } | undefined {
  const text = ifPossible(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const start = Number(fields?.[19]);
  if (fields === undefined || !Number.isSafeInteger(start) || start <= 0) return undefined;
  const state = fields[0] ?? '';
  return { start, ended: state === 'Z' || state === 'X', state };
}
