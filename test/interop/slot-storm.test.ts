import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPodmanService } from '../support/engines/podman-service.js';
import { makeBase, podmanStore } from '../support/engines/podman-store.js';
import { runSlotStorm } from '../support/engines/slot-storm.js';
import { findPeers } from '../support/peers.js';
import { testSeed } from '../support/random/seeded-random.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'busybox');
/** STORM_SECONDS=300 for longer runs by hand. */
const seconds = Number(process.env.STORM_SECONDS ?? 75);
const drainMs = 150_000;

test.skipIf(peers === undefined)(
  'of twelve processes, local and in a service, never more than two build while parts of them are killed and stopped at random',
  { timeout: seconds * 1_000 + drainMs + 60_000 },
  async () => {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using service = await startPodmanService(peers!.podman, store);
    await using all = tempDir('storm-');
    const slots = join(all.path, 'slots');
    mkdirSync(slots);
    chmodSync(slots, 0o1777);
    const seed = testSeed();
    const places = { processes: 12, limit: 2 };
    const report = await runSlotStorm({
      ...places,
      store,
      service,
      slots,
      durationMs: seconds * 1_000,
      drainMs,
      seed,
    });
    console.info(`slot storm: BUNDLES_TEST_SEED=${seed} ${JSON.stringify(report, null, 1)}`);
    expect(report.lost).toEqual([]);
    expect(report.mostBuilds).toBe(places.limit);
    expect(report.busySamples).toBeGreaterThan(report.samples / 10);
    expect(report.left).toEqual([]);
    expect(report.ends['built remote']).toBeGreaterThan(0);
    expect(report.ends['built local']).toBeGreaterThan(0);
    expect(readdirSync(slots).filter((name) => name.endsWith('.service'))).toEqual([]);
  },
);
