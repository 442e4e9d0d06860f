// Measures `bundles ensure` beside the loops that people write today and beside the floor that a network sets.
// Use: npm run bench [-- --bundles N] [--latencies 0,50] [--quick]; needs docker-registry, skopeo, curl and a built tkn.
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startDelayProxy } from '../../test/support/delay-proxy.js';
import { startDockerRegistry } from '../../test/support/docker-registry.js';
import { findPeers } from '../../test/support/peers.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { curlHeads, ensure, skopeoLoop, start, tknLoop } from './runners.js';
import { writeProject } from './write-project.js';

const { values } = parseArgs({
  options: {
    bundles: { type: 'string', default: '100' },
    /** Round trips in milliseconds. */
    latencies: { type: 'string', default: '0,50' },
    quick: { type: 'boolean', default: false },
  },
});
const count = Number(values.bundles);
const peers = findPeers('docker-registry', 'skopeo', 'curl', 'tkn');
if (peers === undefined) process.exit(0);

await using home = tempDir('bundles-bench-');
await using registry = await startDockerRegistry({ program: peers['docker-registry'] });
const verdicts: boolean[] = [];

const node = await start(['-e', '0'], values.quick ? 5 : 15);
const version = await start('--version', values.quick ? 5 : 15);
row('node -e 0', node);
row('bundles --version', version, `${ratio(version, node)} × node -e 0 (at most 1.5)`);

for (const roundTripMs of values.latencies.split(',').map(Number)) {
  const proxy = roundTripMs > 0 ? await startDelayProxy(registry.host, roundTripMs) : undefined;
  await measure(proxy?.host ?? registry.host, `${roundTripMs} ms`);
  await proxy?.close();
}
if (!values.quick) await memory(1000);
process.exitCode = verdicts.every(Boolean) ? 0 : 1;

async function measure(host: string, latency: string): Promise<void> {
  console.log(`\n${count} bundles at ${latency}`);
  const name = `bench-${latency.replace(/\D/g, '')}`;
  // Each time on repositories that do not exist; the middle one of three counts.
  const colds: number[] = [];
  let project = writeProject(home.path, { repository: `${host}/${name}-0`, bundles: count });
  for (let round = 1; ; round++) {
    await registry.forget();
    colds.push((await ensure(project)).milliseconds);
    if (round === (values.quick ? 1 : 3)) break;
    rmSync(project.directory, { recursive: true });
    project = writeProject(home.path, { repository: `${host}/${name}-${round}`, bundles: count });
  }
  const cold = colds.sort((one, other) => one - other)[Math.floor(colds.length / 2)] ?? 0;
  row('cold ensure', cold, await requests());
  const warm = await best(values.quick ? 1 : 3, () => ensure(project));
  await registry.forget();
  await ensure(project);
  const heads = await requests();
  row('warm ensure', warm, heads);
  verdict(`exactly ${count} HEADs`, heads === `${count} HEAD`);

  const curl = await best(values.quick ? 1 : 3, () => curlHeads(project));
  row('curl --parallel -I', curl, `warm is ${ratio(warm, curl + node)} × (curl + node) (at most 3)`);
  // Loops are as long as their bundles are many: a part of them tells the rest.
  const part = values.quick ? count : Math.min(count, 40);
  const skopeo = (await skopeoLoop(project, part)).milliseconds * (count / part);
  row(
    'skopeo inspect loop',
    skopeo,
    `warm is ${ratio(skopeo, warm)} × faster (at least ${latency === '0 ms' ? 5 : 20})`,
  );
  await registry.forget();
  const tkn =
    (await tknLoop(project, { part, tkn: peers!.tkn, home: home.path })).milliseconds * (count / part);
  row(
    'tkn bundle push loop',
    tkn,
    `cold is ${ratio(tkn, cold)} × faster (at least 3); ${await requests()} for ${part}`,
  );
}

async function memory(bundles: number): Promise<void> {
  console.log(`\n${bundles} bundles at 0 ms`);
  const project = writeProject(home.path, { repository: `${registry.host}/memory`, bundles });
  for (const temperature of ['cold', 'warm']) {
    const { milliseconds, peakMiB } = await ensure(project);
    row(`${temperature} ensure`, milliseconds, `peak memory ${peakMiB.toFixed(0)} MiB (at most 200)`);
    verdict('memory', peakMiB <= 200);
  }
  rmSync(project.directory, { recursive: true });
}

async function requests(): Promise<string> {
  const counts = new Map<string, number>();
  for (const { method } of await registry.requests()) counts.set(method, (counts.get(method) ?? 0) + 1);
  return [...counts].map(([method, times]) => `${times} ${method}`).join(', ');
}

async function best(times: number, action: () => Promise<{ milliseconds: number }>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) least = Math.min(least, (await action()).milliseconds);
  return least;
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
