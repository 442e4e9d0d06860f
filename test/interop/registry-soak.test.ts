import { expect, test } from 'vitest';
import { soakRegistry } from '../support/registry/registry-soak.js';
import { startServeCommand } from '../support/registry/serve-command.js';
import { tempDir } from '../support/temp-dir.js';

/** The long form is `npm run soak`, which also judges the memory: a short one is still warming up. */
test('64 clients push and ask at once: no error, and everything is there afterwards', async () => {
  await using root = tempDir('registry-soak-');
  await using registry = await startServeCommand(root.path);
  const report = await soakRegistry(registry, { pushes: 500, heads: 5000 });
  console.log(`soak: ${JSON.stringify(report)}`);
  expect(report.verified).toBe(1500);
  expect(report.memory.peak).toBeLessThan(250);
  expect(registry.complaints).toEqual([]);
});
