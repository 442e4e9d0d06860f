import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imageProject, readImages } from '../support/image-project.js';
import { findPeers } from '../support/peers.js';
import { podmanStore } from '../support/podman-store.js';
import { runMeasured } from '../support/run-measured.js';

const peers = findPeers('podman', 'busybox');
const each = 50_000;

test.skipIf(peers === undefined)(
  'a context of 100,000 files, half of them ignored, takes at most twice the time of podman and 200 MiB',
  { timeout: 1_800_000 },
  async () => {
    await using store = await podmanStore(peers!.podman);
    await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], {
      'svc/Containerfile': 'FROM scratch\nCOPY . /app\n',
      'svc/.containerignore': '**/*.log\n',
    });
    const context = join(project.directory, 'svc');
    for (let index = 0; index < each; index++) {
      const directory = join(context, `d${index % 100}`);
      if (index < 100) mkdirSync(directory);
      for (const ending of ['txt', 'log']) writeFileSync(join(directory, `${index}.${ending}`), `${index}`);
    }
    const timed = async <T>(task: () => Promise<T>) => {
      const started = performance.now();
      return { value: await task(), seconds: (performance.now() - started) / 1000 };
    };
    // The first pays for the cold cache of the disk, and the second builds nothing that the first has built.
    const ours = await timed(() =>
      runMeasured(['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M'], {
        cwd: project.directory,
        env: { ...store.env, ...project.env },
      }),
    );
    const podmans = await timed(() => store.podman('build', '--quiet', '--no-cache', context));
    const { peakMebibytes, stdout, seconds } = ours.value;
    console.info(
      `ours ${ours.seconds.toFixed(0)} s (${seconds.toFixed(1)} s of a processor, ${peakMebibytes.toFixed(0)} MiB), podman ${podmans.seconds.toFixed(0)} s`,
    );
    expect(readImages(stdout).first).toMatchObject({ outcome: 'built', error: null });
    expect(ours.seconds).toBeLessThan(2 * podmans.seconds);
    expect(peakMebibytes).toBeLessThan(200);
  },
);
