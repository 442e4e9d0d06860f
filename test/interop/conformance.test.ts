import { expect, test } from 'vitest';
import { findConformanceSuite, runConformanceSuite } from '../support/registry/conformance.js';
import { startServeCommand } from '../support/registry/serve-command.js';
import { tempDir } from '../support/temp-dir.js';

const suite = findConformanceSuite();

test.skipIf(suite === undefined)('the embedded registry conforms to distribution-spec v1.1', async () => {
  await using state = tempDir('conformance-state-');
  await using results = tempDir('conformance-results-');
  await using registry = await startServeCommand(state.path);
  const result = await runConformanceSuite(suite ?? '', {
    host: new URL(registry.url).host,
    directory: results.path,
  });
  console.log(`OCI conformance: ${JSON.stringify(result.counts)} ${result.junit}`);
  expect(result.failed).toEqual([]);
  expect(result.counts).toMatchObject({ fail: 0, error: 0 });
  expect(result.counts.pass).toBeGreaterThan(800);
  // A mount without its source is an upload here, and a range whose end lies before its start is not a range.
  for (const name of result.skipped) expect(name).toMatch(/blob-mount-anonymous|range 500-0/);
  expect(registry.complaints).toEqual([]);
});
