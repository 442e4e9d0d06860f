import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, run } from '../program/run-cli.js';
import { tempDir } from '../temp-dir.js';

export interface PodmanStore extends AsyncDisposable {
  /** Holds the store. */
  readonly directory: string;
  /** What podman, and a run that uses it, needs beside its PATH. */
  readonly env: Readonly<Record<string, string>>;
  podman(...words: string[]): Promise<string>;
  /** References with their tags, sorted. */
  names(): Promise<string[]>;
}

/** A private image store of real podman. With `at` it is in that directory. */
export async function podmanStore(program: string, at?: string): Promise<PodmanStore> {
  const directory = tempDir('podman-');
  const place = at ?? directory.path;
  const configuration = join(directory.path, 'storage.conf');
  const env = {
    CONTAINERS_STORAGE_CONF: configuration,
    HOME: join(directory.path, 'home'),
    TMPDIR: join(directory.path, 'tmp'),
    ...(await isolation(program)),
  };
  for (const path of [env.HOME, env.TMPDIR]) mkdirSync(path);
  const configure = (driver: string) =>
    writeFileSync(
      configuration,
      `[storage]\ndriver = "${driver}"\ngraphroot = "${place}/root"\nrunroot = "${place}/run"\n`,
    );
  configure('overlay');
  const podman = (...words: string[]) => mustRun(program, words, { env, timeoutMs: 240_000 });
  // Not every file system can be the upper side of an overlay.
  await podman('info').catch(() => configure('vfs'));
  return {
    directory: place,
    env,
    podman,
    names: async () =>
      (await podman('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n').filter(Boolean).sort(),
    async [Symbol.asyncDispose]() {
      await unmountBelow([place, directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** A build that was killed leaves the file system of its container mounted. */
async function unmountBelow(directories: readonly string[]): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const places = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  const ours = places.filter((place) => directories.some((directory) => place.startsWith(`${directory}/`)));
  for (const place of ours.reverse()) await run('umount', ['-l', place]);
}

let told: Readonly<Record<string, string>> | undefined;

/** Asks once whether a container runtime works here; inside some containers none does, and builds then go without. */
async function isolation(program: string): Promise<Readonly<Record<string, string>>> {
  if (told !== undefined) return told;
  const directory = tempDir('isolation-').path;
  copyFileSync('/bin/busybox', join(directory, 'true'));
  chmodSync(join(directory, 'true'), 0o755);
  writeFileSync(join(directory, 'Containerfile'), 'FROM scratch\nCOPY true /true\nRUN ["/true"]\n');
  const options = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
  try {
    execFileSync(program, [...options, 'build', directory], { stdio: 'pipe', timeout: 120_000 });
    told = {};
  } catch {
    console.warn('NOTICE: no container runtime works here: images are built with BUILDAH_ISOLATION=chroot');
    told = { BUILDAH_ISOLATION: 'chroot' };
  }
  await unmountBelow([directory]);
  return told;
}

/** A base image made here: busybox in an otherwise empty image, as `localhost/base:1`. */
export async function makeBase(store: PodmanStore): Promise<void> {
  const context = join(store.directory, 'base');
  mkdirSync(join(context, 'bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(context, 'bin', 'busybox'));
  chmodSync(join(context, 'bin', 'busybox'), 0o755);
  const commands = ['FROM scratch', 'COPY bin /bin', 'RUN ["/bin/busybox", "--install", "/bin"]', ''];
  writeFileSync(join(context, 'Containerfile'), commands.join('\n'));
  await store.podman('build', '--quiet', '--tag', 'localhost/base:1', context);
}
