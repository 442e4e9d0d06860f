import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** Memory as a process of this machine can have it. Bytes. */
export interface Memory {
  readonly total: number;
  /** Bytes that are available without taking memory from other processes. */
  readonly available: number;
  /** What sets the limit: `this machine`, or a control group. */
  readonly by: string;
}

export interface MemoryFiles {
  /** Default `/proc`. */
  readonly proc?: string;
  /** Default `/sys/fs/cgroup`. */
  readonly cgroups?: string;
}

/** The least memory that the machine and the control groups (v1 or v2) above this process leave available. */
export async function readMemory({
  proc = '/proc',
  cgroups = '/sys/fs/cgroup',
}: MemoryFiles = {}): Promise<Memory> {
  const machine = await machineMemory(proc);
  const groups = await groupsOf(proc, cgroups);
  const limits = (await Promise.all(groups.map(groupMemory))).filter((memory) => memory !== undefined);
  return limits.reduce(
    (least, memory) => ({
      total: Math.min(least.total, memory.total),
      ...(memory.available < least.available
        ? { available: memory.available, by: memory.by }
        : { available: least.available, by: least.by }),
    }),
    machine,
  );
}

/** How often the kernel has killed a process for want of memory since it started; undefined if it does not report that. */
export async function readOutOfMemoryKills({
  proc = '/proc',
}: MemoryFiles = {}): Promise<number | undefined> {
  const text = await readFile(join(proc, 'vmstat'), 'utf8').catch(() => '');
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

async function machineMemory(proc: string): Promise<Memory> {
  const text = await readFile(join(proc, 'meminfo'), 'utf8').catch(() => '');
  const bytes = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
  return {
    total: bytes('MemTotal') ?? totalmem(),
    available: bytes('MemAvailable') ?? freemem(),
    by: 'this machine',
  };
}

interface Group {
  readonly directory: string;
  readonly version: 1 | 2;
}

/** The directories of our group and of those above it; within a container only the root may be visible. */
async function groupsOf(proc: string, cgroups: string): Promise<Group[]> {
  const text = await readFile(join(proc, 'self', 'cgroup'), 'utf8').catch(() => '');
  const groups: Group[] = [];
  for (const line of text.split('\n')) {
    const [, controllers = '', path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || path.split('/').includes('..')) continue;
    const first = controllers.split(',').includes('memory');
    if (!first && controllers !== '') continue;
    const root = first ? join(cgroups, 'memory') : cgroups;
    for (let directory = join(root, path); ; directory = dirname(directory)) {
      groups.push({ directory, version: first ? 1 : 2 });
      if (directory === root || directory.length <= root.length) break;
    }
  }
  return groups;
}

async function groupMemory({ directory, version }: Group): Promise<Memory | undefined> {
  const names =
    version === 1 ? ['memory.limit_in_bytes', 'memory.usage_in_bytes'] : ['memory.max', 'memory.current'];
  const [limit, used] = await Promise.all(names.map((name) => readNumber(join(directory, name))));
  // Version 1 writes "no limit" as the largest multiple of a page.
  if (limit === undefined || used === undefined || limit > 2 ** 60) return undefined;
  const stat = await readFile(join(directory, 'memory.stat'), 'utf8').catch(() => '');
  // The kernel frees inactive file pages at once.
  const cached = Number(/^(?:total_)?inactive_file (\d+)$/m.exec(stat)?.[1] ?? 0);
  return { total: limit, available: Math.max(0, limit - Math.max(0, used - cached)), by: directory };
}

async function readNumber(path: string): Promise<number | undefined> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim();
  return /^\d{1,20}$/.test(text) ? Number(text) : undefined;
}
