import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { parseSlotClaim } from '../../../src/engine/slots/slot-claim.js';
import { cliPath } from '../program/run-cli.js';
import { seededRandom } from '../random/seeded-random.js';
import { imageProject, readImages } from './image-project.js';
import { type PodmanService, runningBuilds } from './podman-service.js';
import type { PodmanStore } from './podman-store.js';

export interface StormOptions {
  readonly store: PodmanStore;
  readonly service: PodmanService;
  /** A sticky directory that all may write. */
  readonly slots: string;
  readonly processes: number;
  readonly limit: number;
  readonly durationMs: number;
  /** After the last fault everybody has to end within this time. */
  readonly drainMs: number;
  readonly seed: number;
}

export interface StormReport {
  /** The most builds that ran at one moment, and in how many of the samples any ran. */
  readonly mostBuilds: number;
  readonly samples: number;
  readonly busySamples: number;
  /** What was done to them, and how often. */
  readonly faults: Readonly<Record<string, number>>;
  /** How runs ended: `built`, an error code, or a signal of ours. */
  readonly ends: Readonly<Record<string, number>>;
  /** Runs that ended in a way that no user could understand, or never. */
  readonly lost: readonly string[];
  /** Builds that still run when everybody has ended. */
  readonly left: readonly string[];
}

interface StormRun {
  readonly child: ChildProcess;
  readonly word: string;
  readonly remote: boolean;
  stderr: string;
}

/**
 * Keeps so many processes at work that each build an image of their own, half of them in a service, and meanwhile kills and
 * stops whatever takes part: holders, supervisors, clients, the service itself.
 */
export async function runSlotStorm(options: StormOptions): Promise<StormReport> {
  const { service, slots, durationMs, seed } = options;
  const random = seededRandom(seed);
  const words = new RegExp(`storm-${process.pid}-\\d+-\\d+`);
  const running = new Set<StormRun>();
  const stopped = new Map<number, NodeJS.Timeout>();
  const faults: Record<string, number> = {};
  const ends: Record<string, number> = {};
  const lost: string[] = [];
  const until = performance.now() + durationMs;
  const isOver = () => performance.now() >= until;
  const sampler = sampleRuns(words);
  const workers = Array.from({ length: options.processes }, async (_, index) => {
    for (let round = 0; !isOver(); round++) {
      const end = await runOne(options, { index, round, random, running });
      ends[end.name] = (ends[end.name] ?? 0) + 1;
      if (end.lost) lost.push(end.lost);
    }
  });
  while (!isOver()) {
    await sleep(300 + random() * 1_500);
    const fault = await inflict({ service, slots, running, stopped, random });
    faults[fault] = (faults[fault] ?? 0) + 1;
  }
  for (const [pid, timer] of stopped) {
    clearTimeout(timer);
    signal(pid, 'SIGCONT');
  }
  const drained = await Promise.race([
    Promise.all(workers).then(() => true),
    sleep(options.drainMs).then(() => false),
  ]);
  if (!drained)
    for (const { child, word, remote, stderr } of running) {
      lost.push(`${word} (${remote ? 'remote' : 'local'}) never ended: ${stderr.slice(-300)}`);
      child.kill('SIGKILL');
    }
  await Promise.all(workers);
  const left = await settled(() => runningBuilds(words));
  return { ...(await sampler.stop()), faults, ends, lost, left };
}

interface RunPlace {
  readonly index: number;
  readonly round: number;
  readonly random: () => number;
  readonly running: Set<StormRun>;
}

async function runOne(
  { store, service, slots, limit }: StormOptions,
  { index, round, random, running }: RunPlace,
): Promise<{ readonly name: string; readonly lost?: string }> {
  const remote = index % 2 === 0;
  const word = `storm-${process.pid}-${index}-${round}`;
  const seconds = (0.3 + random() * 2).toFixed(1);
  await using at = imageProject([`svc: {reference: localhost/${word}, context: svc}`], {
    'svc/Containerfile': `FROM localhost/base:1\nRUN : ${word}; sleep ${seconds}\nRUN : ${word}; sleep ${seconds}\n`,
  });
  const timeouts = [
    ...(random() < 0.15 ? ['--build-timeout', '2s'] : []),
    ...(random() < 0.15 ? ['--wait-timeout', '5s'] : []),
  ];
  const child = spawn(
    process.execPath,
    [
      ...[cliPath, 'images', 'ensure', '--output', 'json', '--slots-dir', slots],
      ...['--build-slots', String(limit), '--min-disk', '1M', '--min-memory', '1M', ...timeouts],
    ],
    {
      cwd: at.directory,
      env: { PATH: process.env.PATH, ...(remote ? service.env : store.env), ...at.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const run: StormRun = { child, word, remote, stderr: '' };
  let stdout = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    run.stderr += String(chunk);
  });
  running.add(run);
  const [code, killed] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  running.delete(run);
  return nameEnd({ run, code, killed, stdout });
}

const understood = new Set(['ENGINE_FAILED', 'BUILD_FAILED', 'BUILD_TIMEOUT', 'SLOT_TIMEOUT']);

function nameEnd({
  run,
  code,
  killed,
  stdout,
}: {
  readonly run: StormRun;
  readonly code: number | null;
  readonly killed: NodeJS.Signals | null;
  readonly stdout: string;
}): { readonly name: string; readonly lost?: string } {
  if (killed !== null) return { name: killed };
  if (code === 130) return { name: 'interrupted' };
  const place = run.remote ? 'remote' : 'local';
  try {
    const { outcome, error } = readImages(stdout).first;
    if (code === 0 && outcome !== 'failed') return { name: `${outcome} ${place}` };
    if (error !== null && understood.has(error.code)) {
      // Only what a fault did may fail a build.
      const reason = typeof error.details.reason === 'string' ? `: ${error.details.reason}` : '';
      return { name: `${error.code}${reason} ${place}` };
    }
  } catch {
    // It wrote no result.
  }
  const lost = `${run.word} (${place}) ended with ${code}: ${stdout.slice(0, 2_000)} ${run.stderr.slice(-1_000)}`;
  return { name: 'lost', lost };
}

interface Inflicted {
  readonly service: PodmanService;
  readonly slots: string;
  readonly running: ReadonlySet<StormRun>;
  readonly stopped: Map<number, NodeJS.Timeout>;
  readonly random: () => number;
}

const roleNames = { hold: 'holder', keep: 'supervisor', build: 'client', wait: 'waiter' } as const;

async function inflict({ service, slots, running, stopped, random }: Inflicted): Promise<string> {
  const choice = random();
  if (choice < 0.06) {
    await service.restart();
    return 'kill service';
  }
  if (choice < 0.16) {
    const victims = [...running];
    const victim = victims[Math.floor(random() * victims.length)];
    victim?.child.kill('SIGINT');
    return 'interrupt run';
  }
  const roles = ['hold', 'keep', 'build', 'wait'] as const;
  const role = roles[Math.floor(random() * (choice < 0.9 ? 3 : 4))] ?? 'hold';
  const marks = readdirSync(slots)
    .map(parseSlotClaim)
    .filter((mark) => mark?.queue === 'build' && mark.role === role);
  const victim = marks[Math.floor(random() * marks.length)]?.owner.pid;
  if (victim === undefined || victim === process.pid) return 'nobody there';
  if (random() < 0.4) {
    signal(victim, 'SIGSTOP');
    clearTimeout(stopped.get(victim));
    const wake = () => {
      stopped.delete(victim);
      signal(victim, 'SIGCONT');
    };
    stopped.set(victim, setTimeout(wake, 500 + random() * 6_000));
    return `stop ${roleNames[role]}`;
  }
  signal(victim, 'SIGKILL');
  return `kill ${roleNames[role]}`;
}

/** Looks all the time how many builds run. */
function sampleRuns(words: RegExp): {
  stop(): Promise<Pick<StormReport, 'mostBuilds' | 'samples' | 'busySamples'>>;
} {
  const seen = { mostBuilds: 0, samples: 0, busySamples: 0 };
  let over = false;
  const loop = (async () => {
    while (!over) {
      const now = runningBuilds(words);
      seen.samples++;
      if (now.length > 0) seen.busySamples++;
      seen.mostBuilds = Math.max(seen.mostBuilds, now.length);
      await sleep(15);
    }
  })();
  return {
    async stop() {
      over = true;
      await loop;
      return { ...seen };
    },
  };
}

/** What was killed a moment ago may take another to be gone. */
async function settled(look: () => readonly string[]): Promise<readonly string[]> {
  for (let tries = 0; tries < 100 && look().length > 0; tries++) await sleep(100);
  return look();
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
