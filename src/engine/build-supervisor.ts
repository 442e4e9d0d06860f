/**
 * A separate program between `bundles` and a build, so that the build never outlives its holder. Its standard input is
 * a pipe from the holder; when that closes, also after SIGKILL, the build is ended with everything that it started.
 * Where the system supports it (setpriv, on Linux), the build also dies with this process.
 *
 * Last argument: a `SupervisorOrder` as JSON. Exit status: that of the build, 128 and the number of the signal that ended it.
 */
import { execFile, spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { open, readdir, readFile, unlink } from 'node:fs/promises';
import { constants } from 'node:os';
import { argv, exit, kill, stderr, stdin } from 'node:process';
import { systemClock } from '../async/system-clock.js';
import { keepFresh } from '../fs/heartbeat.js';
import {
  formatIdentity,
  identityOf,
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
} from '../fs/process-identity.js';
import { clientFilesIn, removeClientFiles } from './client-files.js';
import { endServiceRuns } from './engines/service-runs.js';

export interface SupervisorOrder {
  readonly program: string;
  readonly arguments: readonly string[];
  /** The prefixes of the paths of the marks that record which slots this build occupies. */
  readonly marks: readonly string[];
  /** A build that takes longer is ended, also while its holder is stopped. */
  readonly timeoutMs: number;
  /** What a service runs for the build has this name in its /etc/hosts. */
  readonly host?: string | undefined;
  /** Files that must not remain when the build is over, also where its holder was killed. */
  readonly remove?: readonly string[];
  /** Where a client that is killed may leave secrets. */
  readonly context?: string | undefined;
}

/** How long a build may take to end by itself once it is asked to. */
const graceMs = 2_000;
const lookMs = 250;
/** A holder that is not stopped ends the build itself. */
const lateMs = 1_000;
/** How long a service may take to notice that its client is gone. */
const serviceMs = 10_000;

const done = new AbortController();
// Each mark listens to it.
setMaxListeners(0, done.signal);
/** Aborted when the build is to end before its time. */
const ending = new AbortController();
const marked = new Map<string, string[]>();

await main(JSON.parse(argv.at(-1) ?? '') as SupervisorOrder).catch((error: unknown) => {
  // The holder reads this line to classify the failure.
  stderr.write(`Error: cannot keep the build: ${error instanceof Error ? error.message : String(error)}\n`);
  exit(1);
});

async function main(order: SupervisorOrder): Promise<void> {
  const self = await ownIdentity();
  await mark(order, self, 'keep');
  const there = new Set(order.context === undefined ? [] : await clientFilesIn(order.context));
  const [program, ...words] = await dyingWithUs([order.program, ...order.arguments]);
  // A separate process group, which can be ended as a whole; marked at once, so that it is never lost.
  const build = spawn(program ?? '', words, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<number>((resolve) => {
    build.once('error', (error) => {
      stderr.write(`Error: ${error.message}\n`);
      resolve(127);
    });
    build.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  const identity = build.pid === undefined ? undefined : await identityOf(build.pid);
  if (identity) {
    await mark(order, identity, 'build');
    void markStrays(order, identity);
    void endInTime(identity, order.timeoutMs + lateMs);
  }
  const code = await ended;
  if (ending.signal.aborted && order.host !== undefined) await endInService(order.host);
  done.abort();
  if (order.context !== undefined) await removeClientFiles(order.context, there);
  const files = [...(order.remove ?? []), ...[...marked.values()].flat()];
  await Promise.all(files.map((file) => unlink(file).catch(() => undefined)));
  exit(code);
}

/** A service goes on with the step that it is at, and with no other: its client is gone. */
async function endInService(host: string): Promise<void> {
  let quietMs = 0;
  for (let waitedMs = 0; waitedMs < serviceMs && quietMs < graceMs; waitedMs += lookMs) {
    quietMs = (await endServiceRuns(host)) > 0 ? 0 : quietMs + lookMs;
    await systemClock.sleep(lookMs);
  }
}

async function endInTime(build: ProcessIdentity, ms: number): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    stdin.once('end', resolve).once('error', resolve).once('close', resolve).resume();
  });
  await Promise.race([gone, systemClock.sleep(ms, done.signal)]).catch(() => undefined);
  if (done.signal.aborted) return;
  ending.abort();
  // Before the first signal: orphans have no parent that leads to us.
  const below = (await Promise.all((await descendantsOf(build.pid)).map(identityOf))).filter(
    (one) => one !== undefined,
  );
  signalGroup(build.pid, 'SIGTERM');
  await systemClock.sleep(graceMs, done.signal).catch(() => undefined);
  signalGroup(build.pid, 'SIGKILL');
  const self = await ownIdentity();
  for (const one of below) if ((await livenessOf(one, self)) === 'alive') signal(one.pid, 'SIGKILL');
}

/** Marks parts of the build in other process groups, such as a container: they occupy the slot while they run. */
async function markStrays(order: SupervisorOrder, build: ProcessIdentity): Promise<void> {
  while (!done.signal.aborted) {
    const below = new Set<string>();
    for (const pid of await descendantsOf(build.pid)) {
      const identity = await identityOf(pid);
      if (!identity) continue;
      below.add(formatIdentity(identity));
      if (!marked.has(formatIdentity(identity))) await mark(order, identity, 'build').catch(() => undefined);
    }
    // What left the tree is a daemon that outlives the build on purpose.
    for (const [name, files] of marked) {
      if (below.has(name) || name === formatIdentity(build) || files.some((file) => file.endsWith('.keep')))
        continue;
      marked.delete(name);
      await Promise.all(files.map((file) => unlink(file).catch(() => undefined)));
    }
    await systemClock.sleep(lookMs, done.signal).catch(() => undefined);
  }
}

async function mark(order: SupervisorOrder, owner: ProcessIdentity, role: 'keep' | 'build'): Promise<void> {
  const files = order.marks.map((prefix) => `${prefix}.${formatIdentity(owner)}.${role}`);
  marked.set(formatIdentity(owner), files);
  for (const file of files) {
    await (await open(file, 'wx', 0o644)).close();
    void keepFresh(file, { clock: systemClock, signal: done.signal });
  }
}

function dyingWithUs(command: readonly string[]): Promise<readonly string[]> {
  const kept = ['--pdeathsig', 'KILL', '--'];
  return new Promise((resolve) => {
    execFile('setpriv', [...kept, 'true'], { timeout: 5_000 }, (error) =>
      resolve(error ? command : ['setpriv', ...kept, ...command]),
    );
  });
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

/**
 * The current descendants of a process. Empty without /proc. A process that left the tree on purpose (a daemon) is not
 * included.
 */
async function descendantsOf(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  const names = await readdir('/proc').catch(() => []);
  await Promise.all(
    names.map(async (name) => {
      if (!/^\d+$/.test(name)) return;
      const parent = await parentOf(name);
      if (parent === undefined) return;
      const siblings = children.get(parent);
      if (siblings) siblings.push(Number(name));
      else children.set(parent, [Number(name)]);
    }),
  );
  const found: number[] = [];
  const queue = [root];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/** Field 4 of proc_pid_stat(5). */
async function parentOf(pid: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  return Number.isSafeInteger(parent) ? parent : undefined;
}
