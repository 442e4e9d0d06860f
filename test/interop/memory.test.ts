import { expect, test } from 'vitest';
import type { EnsureResult } from '../../src/ensure/result.js';
import { findPeers } from '../support/peers.js';
import { runMeasured } from '../support/program/run-measured.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

const peers = findPeers('docker-registry');
const bundles = Array.from({ length: 1000 }, (_, index) => `bundle-${index}`);

test.skipIf(peers === undefined)('1,000 bundles are ensured within 200 MiB', async () => {
  await using registry = await startDockerRegistry({ program: peers?.['docker-registry'] ?? '' });
  await using project = sampleProject({ repository: `${registry.host}/many`, bundles });
  for (const [words, outcome] of [
    [['--offline'], 'fallback'],
    [['--no-fallback'], 'published'],
    [['--no-fallback'], 'reused'],
  ] as const) {
    const all = ['ensure', '--output', 'json', ...words];
    const { code, stdout, peakMebibytes } = await runMeasured(all, { cwd: project.directory });
    const { summary } = JSON.parse(stdout) as EnsureResult;
    console.info(`${outcome}: ${peakMebibytes.toFixed(0)} MiB, ${summary.durationMs} ms`);
    expect([code, summary[outcome]], stdout.slice(0, 2000)).toEqual([0, bundles.length]);
    expect(peakMebibytes).toBeLessThan(200);
  }
});
