import { createLoadClient, expectStatus, type LoadClient, loadBundle } from './load-client.js';
import { sha256 } from './registry-requests.js';
import type { ServeCommand } from './serve-command.js';

export interface SoakOptions {
  readonly pushes: number;
  readonly heads: number;
  /** Default 64. */
  readonly clients?: number;
  /** The pushes go round this many repositories. Default 20. */
  readonly repositories?: number;
  readonly onProgress?: (line: string) => void;
}

export interface SoakReport {
  readonly pushes: number;
  readonly heads: number;
  readonly seconds: number;
  /** Manifests and blobs read back and hashed after the load. */
  readonly verified: number;
  readonly memory: SoakMemory;
}

/** Resident memory of the registry in MiB. */
export interface SoakMemory {
  readonly start: number;
  /** Median while the second fifth of the work was done: by then everything is loaded and compiled. */
  readonly early: number;
  /** Median while the last fifth was done. */
  readonly late: number;
  readonly peak: number;
  /** late / early. */
  readonly growth: number;
}

/** Pushes and asks from many clients at once, evenly mixed, then reads back all that was pushed. Throws at any wrong answer. */
export async function soakRegistry(registry: ServeCommand, options: SoakOptions): Promise<SoakReport> {
  const { pushes, heads, clients = 64, repositories = 20, onProgress = () => undefined } = options;
  const client = createLoadClient(registry.url, clients);
  const memory = watchMemory(registry);
  const started = performance.now();
  const repositoryOf = (number: number) => `soak/r${number % repositories}`;
  const done: number[] = [];
  let next = 0;
  const work = async () => {
    for (let number = next++; number < pushes; number = next++) {
      await client.push(repositoryOf(number), `t${number}`, bundleOf(number));
      done.push(number);
      memory.progress = done.length / pushes;
      if (done.length % Math.ceil(pushes / 10) === 0) {
        onProgress(`${done.length} pushes, ${Math.round(registry.residentMiB())} MiB`);
      }
      const asked = Math.floor(((number + 1) * heads) / pushes) - Math.floor((number * heads) / pushes);
      for (let count = 0; count < asked; count++) {
        await head(client, repositoryOf, done[(number * 7919 + count * 104_729) % done.length] ?? number);
      }
    }
  };
  try {
    await together(clients, work);
    const seconds = (performance.now() - started) / 1000;
    const measured = memory.stop();
    const verified = await verifyAll(client, { pushes, clients, repositoryOf });
    return { pushes, heads, seconds, verified, memory: measured };
  } finally {
    memory.stop();
    client.close();
  }
}

/** Sizes as bundles have them. */
function bundleOf(number: number) {
  return loadBundle(`bundle ${number}`, 500 + ((number * 997) % 8000));
}

async function head(
  client: LoadClient,
  repositoryOf: (number: number) => string,
  number: number,
): Promise<void> {
  const path = `/v2/${repositoryOf(number)}/manifests/t${number}`;
  const answer = await client.send('HEAD', path);
  expectStatus(answer, 200, `HEAD ${path}`);
  const digest = answer.headers['docker-content-digest'];
  if (digest !== bundleOf(number).digest) throw new Error(`HEAD ${path}: ${digest}`);
}

async function verifyAll(
  client: LoadClient,
  {
    pushes,
    clients,
    repositoryOf,
  }: {
    readonly pushes: number;
    readonly clients: number;
    readonly repositoryOf: (number: number) => string;
  },
): Promise<number> {
  let verified = 0;
  let next = 0;
  const verify = async (path: string, digest: string) => {
    const answer = await client.send('GET', path);
    expectStatus(answer, 200, `GET ${path}`);
    if (sha256(answer.bytes) !== digest) throw new Error(`GET ${path}: other bytes than ${digest}`);
    verified++;
  };
  await together(clients, async () => {
    for (let number = next++; number < pushes; number = next++) {
      const { digest, blobs } = bundleOf(number);
      await verify(`/v2/${repositoryOf(number)}/manifests/t${number}`, digest);
      for (const blob of blobs.keys()) await verify(`/v2/${repositoryOf(number)}/blobs/${blob}`, blob);
    }
  });
  return verified;
}

async function together(count: number, task: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, task));
}

function watchMemory(registry: ServeCommand) {
  const start = registry.residentMiB();
  const samples: { readonly progress: number; readonly size: number }[] = [];
  const timer = setInterval(() => {
    samples.push({ progress: watch.progress, size: registry.residentMiB() });
  }, 50);
  const between = (from: number, to: number) =>
    median(samples.filter(({ progress }) => progress >= from && progress <= to).map(({ size }) => size));
  const watch = {
    progress: 0,
    stop(): SoakMemory {
      clearInterval(timer);
      const [early, late] = [between(0.2, 0.4), between(0.8, 1)];
      const peak = Math.max(start, ...samples.map(({ size }) => size));
      return { start, early, late, peak, growth: late / early };
    },
  };
  return watch;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
