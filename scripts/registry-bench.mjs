// Measures the embedded registry beside docker-registry, in turns, with the same clients: how many of each operation in a second.
// Use: npm run bench:registry [-- --rounds N] [--seconds N] [--clients N]; needs docker-registry.
import { parseArgs } from 'node:util';
import { findPeers } from '../test/support/peers.js';
import { startDockerRegistry } from '../test/support/registry/docker-registry.js';
import { createLoadClient, expectStatus, loadBundle } from '../test/support/registry/load-client.js';
import { startServeCommand } from '../test/support/registry/serve-command.js';
import { tempDir } from '../test/support/temp-dir.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    clients: { type: 'string', default: '16' },
  },
});
const [rounds, seconds, clients] = [values.rounds, values.seconds, values.clients].map(Number);
/** At least this part of docker-registry's throughput. */
const wanted = 0.5;

// As Debian configures it, and without a line for each request, which the embedded one does not write either.
process.env.REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR = 'inmemory';
process.env.REGISTRY_LOG_ACCESSLOG_DISABLED = 'true';
const peers = findPeers('docker-registry');
if (peers === undefined) process.exit(0);
const root = tempDir('registry-bench-');
const registries = {
  embedded: await startServeCommand(root.path),
  docker: await startDockerRegistry({ program: peers['docker-registry'] }),
};
const repository = 'bench/bundles';
let pushed = 0;
const operations = {
  'HEAD manifest': (client, number) => read(client, 'HEAD', `manifests/t${number % 50}`),
  'GET blob of 3 kB': (client, number) => read(client, 'GET', `blobs/${layers[number % 50]}`),
  'push of a bundle': (client) => {
    const number = pushed++;
    return client.push(`bench/pushed${number % 10}`, `t${number}`, loadBundle(`pushed ${number}`));
  },
};
const layers = [];

try {
  const clientsOf = {};
  for (const [name, { url }] of Object.entries(registries)) {
    clientsOf[name] = createLoadClient(url, clients);
    for (let number = 0; number < 50; number++) {
      const bundle = loadBundle(`read ${number}`);
      await clientsOf[name].push(repository, `t${number}`, bundle);
      layers[number] = [...bundle.blobs.keys()].at(-1);
    }
  }
  console.log(`${clients} clients, ${rounds} rounds of ${seconds} s each, medians in operations per second`);
  const ratios = [];
  for (const [title, operation] of Object.entries(operations)) {
    const rates = { embedded: [], docker: [] };
    for (const client of Object.values(clientsOf)) await rateOf(client, operation, 0.5);
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(rates))
        rates[name].push(await rateOf(clientsOf[name], operation, seconds));
    }
    const [embedded, docker] = [median(rates.embedded), median(rates.docker)];
    ratios.push(embedded / docker);
    console.log(
      `${title.padEnd(18)} embedded ${String(Math.round(embedded)).padStart(6)}   docker-registry ` +
        `${String(Math.round(docker)).padStart(6)}   ratio ${(embedded / docker).toFixed(2)} (at least ${wanted})`,
    );
  }
  for (const client of Object.values(clientsOf)) client.close();
  process.exitCode = ratios.every((ratio) => ratio >= wanted) ? 0 : 1;
} finally {
  await registries.embedded.stop();
  await registries.docker.close();
  await root[Symbol.asyncDispose]();
}

async function read(client, method, path) {
  expectStatus(await client.send(method, `/v2/${repository}/${path}`), 200, `${method} ${path}`);
}

async function rateOf(client, operation, duration) {
  const started = performance.now();
  const end = started + duration * 1000;
  let count = 0;
  const work = async () => {
    while (performance.now() < end) await operation(client, count++);
  };
  await Promise.all(Array.from({ length: clients }, work));
  return count / ((performance.now() - started) / 1000);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
