import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSlotClaim } from '../../src/engine/slots/slot-claim.js';
import { type ImageProject, imageProject, readImages } from '../support/engines/image-project.js';
import { runningBuilds } from '../support/engines/podman-service.js';
import { makeBase, type PodmanStore, podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { cliPath, mustRun, runCli } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('podman', 'buildah', 'busybox');
const little = ['--min-disk', '1M', '--min-memory', '1M'];

interface Report {
  readonly images: readonly { id: string; names: string[]; bytes: number | null; removed: boolean }[];
  readonly containers: readonly { id: string; removed: boolean }[];
  readonly bytes: number | null;
}

async function bytesOf(store: PodmanStore): Promise<number> {
  return Number((await mustRun('du', ['-sb', join(store.directory, 'root')])).split('\t')[0]);
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries > 3_000) throw new Error('not within a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test.skipIf(peers === undefined)(
  'prune --host frees what no project needs and containers of killed builds, as much as it reports, and nothing of others',
  async () => {
    await using store = await podmanStore(peers!.podman);
    await makeBase(store);
    await using home = tempDir('prune-home-');
    const env = { ...store.env, HOME: home.path, XDG_STATE_HOME: home.path };
    const build = async (at: ImageProject, own: Readonly<Record<string, string>> = env) => {
      const ran = await runCli(['images', 'ensure', '--output', 'json', ...little], {
        cwd: at.directory,
        env: own,
      });
      expect(ran.code, ran.stderr).toBe(0);
      return readImages(ran.stdout).images.map(({ id }) => id ?? '');
    };
    const prune = async (...words: string[]) => {
      const ran = await runCli(['images', 'prune', '--host', '--grace', '0s', '--output', 'json', ...words], {
        cwd: home.path,
        env,
      });
      expect(ran.code, ran.stderr).toBe(0);
      return JSON.parse(ran.stdout) as Report;
    };
    const base = 'FROM localhost/base:1\nCOPY shared /shared\nCOPY main /main\nRUN cat /main >/copy\n';
    const files = {
      'svc/Containerfile': base,
      'svc/shared': 's'.repeat(3_000_000),
      'svc/main': 'm'.repeat(700_000),
    };
    // Gone, with an image that shares layers with the next, which is needed.
    await using gone = imageProject(['gone: {reference: localhost/gone:v1, context: svc}'], files);
    const [goneId = ''] = await build(gone);
    await using needed = imageProject(['needed: {reference: localhost/needed:v1, context: svc}'], {
      ...files,
      'svc/main': 'n',
    });
    const [neededId = ''] = await build(needed);
    rmSync(join(gone.directory, 'bundles.yaml'));
    // Of somebody with notes elsewhere, and by podman alone.
    await using theirs = imageProject(['theirs: {reference: localhost/theirs:v1, context: svc}'], {
      ...files,
      'svc/main': 'theirs',
    });
    const [theirId = ''] = await build(theirs, { ...store.env, ...theirs.env });
    rmSync(join(theirs.directory, 'bundles.yaml'));
    await store.podman('tag', 'localhost/base:1', 'localhost/gone:v0');

    const shown = await prune();
    expect(shown.images.map(({ id }) => id)).toEqual([goneId]);
    const before = await bytesOf(store);
    const done = await prune('--yes');
    expect(done.images).toMatchObject([{ id: goneId, removed: true }]);
    expect(done.bytes).toBe(shown.bytes);
    const freed = before - (await bytesOf(store));
    console.info(`prune --host: ${shown.bytes} bytes claimed, ${freed} freed`);
    // 700,000 twice; neither the 3,000,000 that the other image has, nor its base.
    expect(shown.bytes).toBeGreaterThan(1_400_000);
    expect(Math.abs(freed - (shown.bytes ?? 0))).toBeLessThan(0.1 * (shown.bytes ?? 0));
    const ids = (await store.podman('images', '--quiet', '--no-trunc')).split('\n').map((id) => id.slice(7));
    expect(ids).toEqual(expect.arrayContaining([neededId, theirId]));
    expect(await store.names()).toEqual(expect.arrayContaining(['localhost/gone:v0', 'localhost/base:1']));

    // A build that was killed with all that belongs to it, and one of podman alone.
    const word = `prune-${process.pid}`;
    const sleeping = `FROM localhost/base:1\nRUN : ${word}; sleep 100\n`;
    await using killed = imageProject(['killed: {reference: localhost/killed, context: svc}'], {
      'svc/Containerfile': sleeping,
    });
    const context = join(home.path, 'plain');
    mkdirSync(context);
    writeFileSync(join(context, 'Containerfile'), sleeping);
    const slots = () =>
      join(
        home.path,
        'tekton-bundles',
        'images',
        readdirSync(join(home.path, 'tekton-bundles', 'images')).find((name) => name.startsWith('slots-')) ??
          '',
      );
    const ours = spawn(process.execPath, [cliPath, 'images', 'ensure', ...little], {
      cwd: killed.directory,
      env: { PATH: process.env.PATH, ...env },
      stdio: 'ignore',
    });
    const plain = spawn(peers!.podman, ['build', '--add-host', 'elsewhere:127.0.0.1', context], {
      env: { PATH: process.env.PATH, ...store.env },
      stdio: 'ignore',
      detached: true,
    });
    const exits = [once(ours, 'exit'), once(plain, 'exit')];
    await until(() => runningBuilds(new RegExp(word)).length === 2);
    // While it builds, its container is none of a killed build.
    expect((await prune()).containers).toEqual([]);
    const claims = readdirSync(slots()).map(parseSlotClaim);
    for (const role of ['hold', 'keep', 'build'])
      for (const claim of claims) if (claim?.role === role) kill(claim.owner.pid);
    kill(-(plain.pid ?? 0));
    await Promise.all(exits);
    await until(() => runningBuilds(new RegExp(word)).length < 2);
    const containers = async () =>
      (await store.podman('ps', '--all', '--external', '--quiet', '--no-trunc')).split('\n').filter(Boolean);
    const all = await containers();
    const found = await prune();
    expect([all.length, found.containers.length]).toEqual([2, 1]);
    const ended = await prune('--yes');
    expect(ended.containers).toMatchObject([{ id: found.containers[0]?.id, removed: true }]);
    expect(await containers()).toEqual(all.filter((id) => id !== found.containers[0]?.id));
    expect(existsSync(slots())).toBe(true);
  },
);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
