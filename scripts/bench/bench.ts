// Measures `bundles ensure` beside the loops that people write today and beside the floor that a network sets.
// Then the same behind the limits of Quay's nginx. Each figure is followed by the one that is wanted.
// Use: npm run bench [-- --bundles N] [--latencies 0,50] [--quick] [--only speed|limits|watch] [--plot FILE.svg]; needs docker-registry, nginx, skopeo, curl and a built tkn.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startDelayProxy } from '../../test/support/network/delay-proxy.js';
import { findPeers } from '../../test/support/peers.js';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { type BenchDistance, type BenchFigures, drawBench } from '../pictures/bench-svg.js';
import { measureQuayLimits } from './quay-limits.js';
import { curlHeads, ensure, skopeoLoop, start, type Timed, tknLoop } from './runners.js';
import { measureWatch } from './watch.js';
import { writeProject } from './write-project.js';

const { values } = parseArgs({
  options: {
    bundles: { type: 'string', default: '100' },
    /** Round trips in milliseconds. */
    latencies: { type: 'string', default: '0,50' },
    quick: { type: 'boolean', default: false },
    /** `speed`, `limits` or `watch`: one of the parts alone. */
    only: { type: 'string' },
    /** Where the plot of the figures goes; the figures themselves go beside it, as FILE.json. */
    plot: { type: 'string' },
  },
});
if (values.plot !== undefined && values.only === 'limits')
  throw new Error('--plot draws the figures of speed: leave out --only limits');
const count = Number(values.bundles);
const peers = findPeers('docker-registry', 'nginx', 'skopeo', 'curl', 'tkn');
if (peers === undefined) process.exit(0);

await using home = tempDir('bundles-bench-');
// Clients are measured, not this machine's disk.
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : undefined;
await using registry = await startDockerRegistry({ program: peers['docker-registry'], parent: inMemory });
console.log(`docker-registry keeps its storage ${inMemory === undefined ? 'on the disk' : 'in memory'}`);
const verdicts: boolean[] = [];
/** Ratios without a round trip, and with one of 50 ms. */
const wantedAtOnce = { curl: 1.8, skopeo: 5.5, tkn: 3 };
const wantedAtDistance = { curl: 1.7, skopeo: 50, tkn: 27 };

const node = await start(['-e', '0'], values.quick ? 5 : 15);
const latencies = values.latencies.split(',').map(Number);
const wants = (part: string) => values.only === undefined || values.only === part;
if (wants('speed')) await measureSpeed();
if (wants('watch')) await measureChanges();
if (wants('limits')) {
  const limits = { count, latencies, quick: values.quick };
  verdicts.push(await measureQuayLimits({ peers, home: home.path, parent: inMemory, ...limits }));
}
process.exitCode = verdicts.every(Boolean) ? 0 : 1;

async function measureSpeed(): Promise<void> {
  const version = await start('--version', values.quick ? 5 : 15);
  row('node -e 0', node);
  row('bundles --version', version, `${ratio(version, node)} × node -e 0 (at most 1.4)`);

  const distances: BenchDistance[] = [];
  for (const roundTripMs of latencies) {
    const proxy = roundTripMs > 0 ? await startDelayProxy(registry.host, roundTripMs) : undefined;
    const seconds = await measure(proxy?.host ?? registry.host, `${roundTripMs} ms`);
    distances.push({ roundTripMs, ...seconds });
    await proxy?.close();
  }
  const nodeSeconds = inSeconds(node);
  if (values.plot !== undefined)
    writePlot(values.plot, { bundles: count, node: process.version, nodeSeconds, distances });
  if (!values.quick) await memory(10_000);
}

/** One of the bundles after the other changes below `bundles up --watch`. */
async function measureChanges(): Promise<void> {
  const { line, served } = await measureWatch(home.path, { bundles: count, changes: values.quick ? 3 : 20 });
  console.log(`\n1 of ${count} bundles changes below up --watch`);
  row('until its line', median(line), 'at most 1 s');
  row(
    'until it is served',
    median(served),
    `at most 1 s; longest ${(Math.max(...served) / 1000).toFixed(2)} s`,
  );
  if (!values.quick) verdict('served within a second', median(served) <= 1000);
}

/** Everything once in each round, since a machine is not as fast in one minute as in the next: ratios are of a round. */
async function measure(host: string, latency: string): Promise<Omit<BenchDistance, 'roundTripMs'>> {
  console.log(`\n${count} bundles at ${latency}`);
  // The time of a loop grows linearly with the number of bundles, so a part of them is measured and scaled up.
  const part = values.quick ? count : Math.min(count, 20);
  const wanted = latency === '0 ms' ? wantedAtOnce : wantedAtDistance;
  const rounds: Round[] = [];
  while (rounds.length < (values.quick ? 1 : 3)) {
    const repository = `${host}/bench-${latency.replace(/\D/g, '')}-${rounds.length}`;
    rounds.push(await playRound(repository, part));
  }
  const middle = (of: (round: Round) => number) => median(rounds.map(of));
  const [first] = rounds;
  row(
    'cold ensure',
    middle(({ cold }) => cold),
    first?.coldRequests,
  );
  row(
    'warm ensure',
    middle(({ warm }) => warm),
    first?.warmRequests,
  );
  verdict(
    `exactly ${count} HEADs`,
    rounds.every(({ warmRequests }) => warmRequests === `${count} HEAD`),
  );
  row(
    'curl --parallel -I',
    middle(({ curl }) => curl),
    `warm is ${middle(({ warm, curl }) => warm / (curl + node)).toFixed(1)} × (curl + node) (at most ${wanted.curl})`,
  );
  row(
    'skopeo inspect loop',
    middle(({ skopeo }) => skopeo),
    `warm is ${middle(({ warm, skopeo }) => skopeo / warm).toFixed(1)} × faster (at least ${wanted.skopeo})`,
  );
  row(
    'tkn bundle push loop',
    middle(({ tkn }) => tkn),
    `cold is ${middle(({ cold, tkn }) => tkn / cold).toFixed(1)} × faster (at least ${wanted.tkn}); ${first?.tknRequests} for ${part}`,
  );
  const of = (what: 'cold' | 'warm' | 'curl' | 'skopeo' | 'tkn') => inSeconds(middle((round) => round[what]));
  return { cold: of('cold'), warm: of('warm'), curl: of('curl'), skopeo: of('skopeo'), tkn: of('tkn') };
}

function writePlot(file: string, figures: BenchFigures): void {
  writeFileSync(file, drawBench(figures));
  writeFileSync(file.replace(/(?:\.svg)?$/, '.json'), `${JSON.stringify(figures, undefined, 2)}\n`);
  console.log(`\nwrote ${file} and its figures`);
}

function inSeconds(milliseconds: number): number {
  return Math.round(milliseconds / 10) / 100;
}

/** Times in milliseconds. */
interface Round {
  readonly cold: number;
  readonly warm: number;
  readonly curl: number;
  /** As if for all bundles. */
  readonly skopeo: number;
  readonly tkn: number;
  readonly coldRequests: string;
  readonly warmRequests: string;
  readonly tknRequests: string;
}

/** On repositories that do not exist yet. */
async function playRound(repository: string, part: number): Promise<Round> {
  const project = writeProject(home.path, { repository, bundles: count });
  const counted = async (action: () => Promise<Timed>) => {
    await registry.forget();
    const { milliseconds } = await action();
    return { milliseconds, requests: await requests() };
  };
  const tkn = await counted(() => tknLoop(project, { part, tkn: peers!.tkn, home: home.path }));
  const cold = await counted(() => ensure(project));
  const warm = await counted(() => ensure(project));
  const again = await ensure(project);
  const curl = await curlHeads(project);
  const skopeo = await skopeoLoop(project, part);
  rmSync(project.directory, { recursive: true });
  return {
    cold: cold.milliseconds,
    warm: Math.min(warm.milliseconds, again.milliseconds),
    curl: curl.milliseconds,
    skopeo: skopeo.milliseconds * (count / part),
    tkn: tkn.milliseconds * (count / part),
    coldRequests: cold.requests,
    warmRequests: warm.requests,
    tknRequests: tkn.requests,
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function memory(bundles: number): Promise<void> {
  console.log(`\n${bundles} bundles at 0 ms`);
  const project = writeProject(home.path, { repository: `${registry.host}/memory`, bundles });
  for (const temperature of ['cold', 'warm']) {
    const { milliseconds, peakMiB } = await ensure(project);
    row(`${temperature} ensure`, milliseconds, `peak memory ${peakMiB.toFixed(0)} MiB (at most 300)`);
    verdict('memory', peakMiB <= 300);
  }
  rmSync(project.directory, { recursive: true });
}

async function requests(): Promise<string> {
  const counts = new Map<string, number>();
  for (const { method } of await registry.requests()) counts.set(method, (counts.get(method) ?? 0) + 1);
  return [...counts].map(([method, times]) => `${times} ${method}`).join(', ');
}

function ratio(one: number, other: number): string {
  return (one / other).toFixed(1);
}

function row(what: string, milliseconds: number, note = ''): void {
  console.log(`${what.padEnd(22)} ${(milliseconds / 1000).toFixed(2).padStart(8)} s   ${note}`);
}

/** What a run's speed cannot excuse. */
function verdict(what: string, held: boolean): void {
  verdicts.push(held);
  if (!held) console.log(`NOT HELD: ${what}`);
}
