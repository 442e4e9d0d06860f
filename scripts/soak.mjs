// Loads the embedded registry for long, watches its memory and reads everything back; then kills it again and again under
// load and reads back what it had acknowledged. Short forms of both run with the tests.
// Use: npm run soak [-- --pushes N] [--heads N] [--clients N] [--kills N]; Linux only.
import { parseArgs } from 'node:util';
import { testSeed } from '../test/support/random/seeded-random.js';
import { killRegistryUnderLoad } from '../test/support/registry/registry-kills.js';
import { soakRegistry } from '../test/support/registry/registry-soak.js';
import { startServeCommand } from '../test/support/registry/serve-command.js';
import { tempDir } from '../test/support/temp-dir.js';

const { values } = parseArgs({
  options: {
    pushes: { type: 'string', default: '5000' },
    heads: { type: 'string', default: '50000' },
    clients: { type: 'string', default: '64' },
    kills: { type: 'string', default: '50' },
  },
});
const root = tempDir('registry-soak-');
const registry = await startServeCommand(root.path);
try {
  const report = await soakRegistry(registry, {
    pushes: Number(values.pushes),
    heads: Number(values.heads),
    clients: Number(values.clients),
    onProgress: console.log,
  });
  console.log(JSON.stringify(report, null, 2));
  console.log('complaints of the registry:', registry.complaints.length);
  const flat = report.memory.growth <= 1.2 && registry.complaints.length === 0;
  console.log(flat ? 'ok: no error, memory flat within 20 %' : 'NOT flat');
  process.exitCode = flat ? 0 : 1;
} finally {
  await registry.stop();
  await root[Symbol.asyncDispose]();
}

const crashed = tempDir('registry-kills-');
const seed = testSeed();
console.log(`kills at random moments, BUNDLES_TEST_SEED=${seed}`);
try {
  console.log(
    JSON.stringify(await killRegistryUnderLoad(crashed.path, { kills: Number(values.kills), seed })),
  );
  console.log('ok: every acknowledged push is readable and verifies, and no tag is torn');
} finally {
  await crashed[Symbol.asyncDispose]();
}
