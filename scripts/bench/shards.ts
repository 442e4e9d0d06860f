// Measures `ensure` in shards beside one run over all bundles, cold and warm, against docker-registry: time, memory, requests, and
// whether the merged lock is that of the one run, byte for byte.
// Use: npm run bench:shards [-- --bundles 10000 --shards 16 --at-once 16]; needs docker-registry.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLimiter } from '../../src/async/limiter.js';
import { freePort } from '../../test/support/network/free-port.js';
import { findPeers } from '../../test/support/peers.js';
import { type Measured, runMeasured } from '../../test/support/program/run-measured.js';
import { contentRequests, surplusOf } from '../../test/support/registry/content-requests.js';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { writeProject } from './write-project.js';

const { values } = parseArgs({
  options: {
    bundles: { type: 'string', default: '10000' },
    shards: { type: 'string', default: '16' },
    'at-once': { type: 'string' },
  },
});
const peers = findPeers('docker-registry');
if (peers === undefined) process.exit(0);
const bundles = Number(values.bundles);
const of = Number(values.shards);
const atOnce = Number(values['at-once'] ?? of);

await using home = tempDir('bundles-shards-');
// Clients are measured, not this machine's disk.
const parent = existsSync('/dev/shm') ? '/dev/shm' : undefined;
const port = await freePort();
const project = writeProject(home.path, { repository: `127.0.0.1:${port}/scale`, bundles });
const lock = join(project.directory, 'bundles.lock');
const none: Asked = { requests: [], repeated: 0 };
const seen = new Map<string, Asked>();

console.log(`${bundles} bundles, ${of} shards, ${atOnce} at once`);
console.log('run                  seconds  CPU s  longest CPU s  peak MiB  requests  repeated');
await against(async (run) => {
  for (const heat of ['cold', 'warm']) await run(`one run, ${heat}`, () => [ensure([])]);
});
const whole = readFileSync(lock, 'utf8');
for (const left of ['bundles.lock', '.bundles']) rmSync(join(project.directory, left), { recursive: true });
await against(async (run) => {
  const limiter = createLimiter(atOnce);
  for (const heat of ['cold', 'warm']) {
    await run(`${of} shards, ${heat}`, () =>
      Array.from({ length: of }, (_, index) => limiter.run(() => ensureShard(index + 1))),
    );
    if (heat === 'cold') await run('lock merge', () => [merge()]);
  }
});
const merged = readFileSync(lock, 'utf8');
/**
 * A request whose answer was lost is sent again, by one run as by a shard, and reported as repeated; nothing else may come more
 * often. Of an upload the look for the blob and another POST come with it.
 */
const same = (heat: 'cold' | 'warm') => {
  const one = seen.get(`one run, ${heat}`) ?? none;
  const shards = seen.get(`${of} shards, ${heat}`) ?? none;
  const most = heat === 'cold' ? 3 : 1;
  return [[one, shards] as const, [shards, one] as const].every(([asked, other]) => {
    const surplus = surplusOf(asked.requests, other.requests);
    if (surplus.length > 0) console.log(`${asked.repeated} repeated, ${heat}:\n  ${surplus.join('\n  ')}`);
    return surplus.length <= most * asked.repeated;
  });
};
const held = { lock: merged === whole, cold: same('cold'), warm: same('warm') };
console.log(`the same lock: ${held.lock}; the same requests: cold ${held.cold}, warm ${held.warm}`);
process.exitCode = Object.values(held).every(Boolean) ? 0 : 1;

interface Asked {
  readonly requests: readonly string[];
  /** How many the processes reported as repeated. */
  readonly repeated: number;
}

type Runs = (name: string, start: () => readonly Promise<Measured>[]) => Promise<void>;

/** Each time an empty registry at the same address, since locks name it. */
async function against(work: (run: Runs) => Promise<void>): Promise<void> {
  await using registry = await startDockerRegistry({ program: peers?.['docker-registry'], parent, port });
  await work(async (name, start) => {
    await registry.forget();
    const began = performance.now();
    const measured = await Promise.all(start());
    const took = (performance.now() - began) / 1000;
    const failed = measured.find(({ code }) => code !== 0);
    if (failed) throw new Error(`${name}: exit ${failed.code}\n${failed.stderr}`);
    const requests = contentRequests(await registry.requests());
    const repeated = measured.reduce((sum, { stderr }) => sum + repeatedIn(stderr), 0);
    seen.set(name, { requests, repeated });
    const seconds = measured.map((one) => one.seconds);
    const cells = [
      name.padEnd(20),
      took.toFixed(1).padStart(7),
      seconds
        .reduce((sum, one) => sum + one, 0)
        .toFixed(1)
        .padStart(6),
      Math.max(...seconds)
        .toFixed(1)
        .padStart(14),
      Math.max(...measured.map(({ peakMebibytes }) => peakMebibytes))
        .toFixed(0)
        .padStart(9),
      `${requests.length}`.padStart(9),
      `${repeated}`.padStart(9),
    ];
    console.log(cells.join(' '));
  });
}

function ensure(words: readonly string[]): Promise<Measured> {
  const all = ['ensure', '--quiet', '--verbose', '--no-fallback', '--output', 'json', ...words];
  return runMeasured(all, { cwd: project.directory });
}

/** As on a machine of its own, with the same checkout. */
function ensureShard(shard: number): Promise<Measured> {
  const part = ['--part', join('parts', `${shard}.yaml`), '--state-dir', join('states', `${shard}`)];
  return ensure(['--shard', `${shard}/${of}`, ...part]);
}

function merge(): Promise<Measured> {
  const parts = Array.from({ length: of }, (_, index) => join('parts', `${index + 1}.yaml`));
  return runMeasured(['lock', 'merge', ...parts], { cwd: project.directory });
}

/** As `--verbose` reports at the end. */
function repeatedIn(stderr: string): number {
  return Number(/^requests: \d+ made, (\d+) of them repeated/m.exec(stderr)?.[1] ?? 0);
}
