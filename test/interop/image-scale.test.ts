import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBuildContext } from '../../src/engine/context/build-context.js';
import { imageProject, readImages } from '../support/engines/image-project.js';
import { podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { cliPath, run } from '../support/program/run-cli.js';

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
    // Both find the files in memory.
    await readBuildContext(context);
    const podmans = await measured([peers!.podman, 'build', '--quiet', '--no-cache', context], store.env);
    // In a store of its own: nothing that podman has just built is reused.
    await using other = await podmanStore(peers!.podman);
    const words = ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '1M'];
    const config = ['--config', join(project.directory, 'bundles.yaml')];
    const hook = ['--import', `data:text/javascript,${encodeURIComponent(reportPeak)}`];
    const ours = await measured([process.execPath, ...hook, cliPath, ...words, ...config], {
      ...other.env,
      ...project.env,
    });
    const peak = Number(/^peak (\d+)$/m.exec(ours.stderr)?.[1]) / 1024;
    console.info(
      `ours ${ours.seconds.toFixed(1)} s of processors (${ours.wall.toFixed(0)} s), ${peak.toFixed(0)} MiB; podman ${podmans.seconds.toFixed(1)} s (${podmans.wall.toFixed(0)} s)`,
    );
    expect(readImages(ours.stdout).first).toMatchObject({ outcome: 'built', error: null });
    expect(ours.seconds).toBeLessThan(2 * podmans.seconds);
    expect(peak).toBeLessThan(200);
  },
);

/** On Linux the only measure that begins with the program itself. */
const reportPeak =
  "import { readFileSync, writeSync } from 'node:fs'; process.on('exit', () => { writeSync(2, 'peak ' + /^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1] + '\\n'); });";

/** Runs a program; its seconds are of processors, with all that it started: other work on the machine does not count. */
async function measured(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ stdout: string; stderr: string; seconds: number; wall: number }> {
  const started = performance.now();
  const ran = await run('/bin/sh', ['-c', '"$@"; times >&2', 'sh', ...command], { env, timeoutMs: 900_000 });
  const [, user = '', system = ''] = /(\S+) (\S+)\s*$/.exec(ran.stderr) ?? [];
  return {
    ...ran,
    seconds: secondsOf(user) + secondsOf(system),
    wall: (performance.now() - started) / 1000,
  };
}

/** `1m2.5s`, as `times` writes it. */
function secondsOf(text: string): number {
  const [, minutes = '', seconds = ''] = /^(\d+)m([\d.]+)s$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
