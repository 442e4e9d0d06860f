// Measures whether `ensure` stays small and linear: cold and warm runs over ever more bundles, against docker-registry.
// Use: npm run bench:scale [-- --bundles 1000,3000,10000]; needs docker-registry.
import { existsSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findPeers } from '../../test/support/peers.js';
import { runMeasured } from '../../test/support/program/run-measured.js';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { writeProject } from './write-project.js';

const { values } = parseArgs({ options: { bundles: { type: 'string', default: '1000,3000,10000' } } });
const peers = findPeers('docker-registry');
if (peers === undefined) process.exit(0);

/** Peak memory of any run, and how much longer a bundle may take among many than among few. */
const wanted = { mebibytes: 300, growth: 1.3 };

await using home = tempDir('bundles-scale-');
// Clients are measured, not this machine's disk.
const inMemory = existsSync('/dev/shm') ? '/dev/shm' : undefined;
await using registry = await startDockerRegistry({ program: peers['docker-registry'], parent: inMemory });
const first = new Map<string, number>();
let held = true;
console.log('bundles run    seconds  CPU s  CPU ms/bundle  peak MiB  requests');
for (const count of values.bundles.split(',').map(Number)) {
  const project = writeProject(home.path, { repository: `${registry.host}/scale-${count}`, bundles: count });
  for (const run of ['cold', 'warm']) held = (await measure(run, count, project.directory)) && held;
  rmSync(project.directory, { recursive: true });
}
if (!held)
  console.log(`NOT HELD: at most ${wanted.mebibytes} MiB, and ${wanted.growth} times the time of the fewest`);
process.exitCode = held ? 0 : 1;

/** One run, in processor time, which other work on the machine does not change. */
async function measure(run: string, count: number, cwd: string): Promise<boolean> {
  await registry.forget();
  const began = performance.now();
  const { code, stderr, seconds, peakMebibytes } = await runMeasured(
    ['ensure', '--quiet', '--no-fallback', '--output', 'json'],
    { cwd },
  );
  const took = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`bundles ensure: exit ${code}\n${stderr}`);
  const each = (seconds * 1000) / count;
  const before = first.get(run) ?? each;
  first.set(run, before);
  const cells = [
    String(count).padStart(7),
    run.padEnd(6),
    took.toFixed(1).padStart(7),
    seconds.toFixed(1).padStart(6),
    each.toFixed(2).padStart(14),
    peakMebibytes.toFixed(0).padStart(9),
    await requests(),
  ];
  console.log(cells.join(' '));
  return peakMebibytes <= wanted.mebibytes && each <= before * wanted.growth;
}

async function requests(): Promise<string> {
  const counts = new Map<string, number>();
  for (const { method } of await registry.requests()) counts.set(method, (counts.get(method) ?? 0) + 1);
  return ` ${[...counts].map(([method, times]) => `${times} ${method}`).join(', ')}`;
}
