// Measures HTTP/2 beside HTTP/1.1 over TLS, in turns, each time in a process of its own.
// Use: npm run bench:http2 [-- --rounds N] [--bundles N] [--latencies 0,50]; needs docker-registry and openssl.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { privateAuthority } from '../../test/support/network/certificates.js';
import { startDelayProxy } from '../../test/support/network/delay-proxy.js';
import { findPeers } from '../../test/support/peers.js';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { ensure } from './runners.js';
import { writeProject } from './write-project.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    bundles: { type: 'string', default: '100' },
    latencies: { type: 'string', default: '0,50' },
  },
});
const [rounds, bundles] = [Number(values.rounds), Number(values.bundles)];
const peers = findPeers('docker-registry');
if (peers === undefined) process.exit(0);
await using home = tempDir('http2-bench-');
const authority = privateAuthority();
await using registry = await startDockerRegistry({ program: peers['docker-registry'], tls: authority });

/** Answers at once, so that what is measured is the way to it. */
const answering = createSecureServer({ ...authority, allowHTTP1: true }, (_request, response) =>
  response.end(),
);
await once(answering.listen(0, '127.0.0.1'), 'listening');

/** In a process of its own: how long so many HEADs take, at most 32 at once. */
const heads = `
  import { createNodeTransport } from ${JSON.stringify(new URL('../../dist/registry.js', import.meta.url).href)};
  const { urls, ca, http2 } = JSON.parse(process.env.WORK);
  const fetch = createNodeTransport({ tls: { ca }, http2, maxSockets: 32 });
  const headers = { accept: 'application/vnd.docker.distribution.manifest.v2+json' };
  const started = performance.now();
  const left = [...urls];
  await Promise.all(Array.from({ length: 32 }, async () => {
    for (let url = left.pop(); url; url = left.pop()) {
      const { status } = await fetch(new Request(url, { method: 'HEAD', headers }));
      if (status !== 200) throw new Error(String(status));
    }
  }));
  console.log(performance.now() - started);
  await fetch.close();`;

for (const latency of values.latencies.split(',').map(Number)) {
  console.log(`\n${bundles} bundles, ${latency} ms round trip, ${rounds} rounds, medians in ms`);
  await from(`127.0.0.1:${(answering.address() as AddressInfo).port}`, latency, measureHeads);
  await from(registry.host, latency, measureEnsure);
}
answering.close();

async function from(
  host: string,
  latency: number,
  run: (host: string, latency: number) => Promise<void>,
): Promise<void> {
  const proxy = latency > 0 ? await startDelayProxy(host, latency) : undefined;
  await run(proxy?.host ?? host, latency);
  await proxy?.close();
}

async function measureHeads(host: string): Promise<void> {
  const urls = Array.from({ length: bundles }, (_, index) => `https://${host}/v2/b${index}/manifests/v1`);
  await inTurns('HEADs', async (http2) => {
    const env = { ...process.env, WORK: JSON.stringify({ urls, ca: authority.ca, http2 }) };
    // Beside it this process answers and forwards packets.
    const words = ['--input-type=module', '-e', heads];
    return Number((await promisify(execFile)(process.execPath, words, { env })).stdout);
  });
}

async function measureEnsure(host: string, latency: number): Promise<void> {
  const warm = project(`${host}/bench-${latency}-warm`);
  warm.use(true);
  await ensure(warm);
  await inTurns('warm ensure', async (http2) => {
    warm.use(http2);
    return (await ensure(warm)).milliseconds;
  });
  let fresh = 0;
  await inTurns('cold ensure', async (http2) => {
    const cold = project(`${host}/bench-${latency}-cold-${fresh++}`);
    cold.use(http2);
    return (await ensure(cold)).milliseconds;
  });
}

function project(repository: string) {
  const made = writeProject(home.path, { repository, bundles });
  const file = join(made.directory, 'bundles.yaml');
  writeFileSync(join(made.directory, 'ca.pem'), authority.ca);
  const [host] = repository.split('/');
  const text = readFileSync(file, 'utf8');
  return {
    ...made,
    use(http2: boolean) {
      writeFileSync(file, `${text}registries: {"${host}": {caFile: ca.pem, http2: ${http2}}}\n`);
    },
  };
}

async function inTurns(title: string, run: (http2: boolean) => Promise<number>): Promise<void> {
  const took = { 'HTTP/1.1': [] as number[], 'HTTP/2': [] as number[] };
  for (let round = 0; round < rounds; round++) {
    // Who comes first changes.
    for (const http2 of round % 2 ? [true, false] : [false, true]) {
      took[http2 ? 'HTTP/2' : 'HTTP/1.1'].push(await run(http2));
    }
  }
  const [one, two] = [median(took['HTTP/1.1']), median(took['HTTP/2'])];
  console.log(
    `${title.padEnd(12)} HTTP/1.1 ${one.toFixed(0).padStart(6)}   HTTP/2 ${two.toFixed(0).padStart(6)}   ratio ${(two / one).toFixed(2)}`,
  );
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
