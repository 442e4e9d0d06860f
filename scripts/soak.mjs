// Loads the embedded registry for long, watches its memory and reads everything back. The short form runs with the interop tests.
// Use: npm run soak [-- --pushes N] [--heads N] [--clients N]; Linux only.
import { parseArgs } from 'node:util';
import { soakRegistry } from '../test/support/registry-soak.js';
import { startServeCommand } from '../test/support/serve-command.js';
import { tempDir } from '../test/support/temp-dir.js';

const { values } = parseArgs({
  options: {
    pushes: { type: 'string', default: '5000' },
    heads: { type: 'string', default: '50000' },
    clients: { type: 'string', default: '64' },
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
