import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openLayoutStore } from '../../../src/content/layout/layout-store.js';
import { readContent } from '../../../src/content/read-content.js';
import type { Descriptor } from '../../../src/oci/descriptor.js';
import { parseImageManifest } from '../../../src/oci/manifest.js';
import { isRoot } from '../program/other-user.js';
import { type Ran, run } from '../program/run-cli.js';
import { tempDir } from '../temp-dir.js';

/** Whether this process may mount and change its root. */
export const canContain =
  isRoot && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

export interface ContainerRun {
  /** Instead of the image's entrypoint. */
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** Directories of this machine by their place in the container; all else but /tmp is read-only. */
  readonly volumes: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

export interface Container extends AsyncDisposable {
  /** The root of the image's files. */
  readonly path: string;
  readonly config: {
    readonly User?: string;
    readonly Entrypoint: readonly string[];
    readonly Env: readonly string[];
  };
  run(request: ContainerRun): Promise<Ran>;
}

/**
 * The files of an image of a layout, and programs run in them as a cluster does under OpenShift: a user of no name in group
 * 0, without capabilities, a root that is read-only, /tmp in memory, on this machine's network. It takes what Linux has, since
 * no container runtime works within every container.
 */
export async function openContainer(layout: string, manifest: Descriptor): Promise<Container> {
  const store = openLayoutStore(layout);
  const directory = tempDir('rootfs-');
  const root = join(directory.path, 'root');
  mkdirSync(root);
  await chmod(directory.path, 0o755);
  const image = parseImageManifest(await readContent(store, manifest), manifest.mediaType);
  for (const [index, layer] of image.layers.entries()) {
    const archive = join(directory.path, `layer-${index}`);
    await pipeline(Readable.fromWeb((await store.read(layer)) as never), createWriteStream(archive));
    const unpacked = await run('tar', ['-xf', archive, '-C', root, '-p', '--same-owner']);
    if (unpacked.code !== 0) throw new Error(unpacked.stderr);
    await rm(archive);
  }
  for (const place of ['tmp', 'proc', 'dev']) mkdirSync(join(root, place), { recursive: true });
  const { config } = JSON.parse(Buffer.from(await readContent(store, image.config)).toString());
  return {
    path: root,
    config,
    run: (request) => runContained(root, config, request),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function runContained(
  root: string,
  config: Container['config'],
  { command = config.Entrypoint, args, env = {}, volumes, uid = 12_345, gid = 0, ...request }: ContainerRun,
): Promise<Ran> {
  const { workingDirectory = '/' } = request;
  for (const place of Object.keys(volumes)) mkdirSync(join(root, place), { recursive: true });
  const script = [
    'set -e',
    'root=$1; shift',
    'mount --bind "$root" "$root"',
    'mount -o remount,ro,bind "$root"',
    'mount -t tmpfs -o mode=1777 none "$root/tmp"',
    'mount -t proc none "$root/proc"',
    'mount --rbind /dev "$root/dev"',
    'while [ "$1" != -- ]; do mount --bind "$2" "$root$1"; shift 2; done; shift',
    'exec "$@"',
  ];
  const variables = { HOME: '/', ...Object.fromEntries(config.Env.map(splitVariable)), ...env };
  const mounts = Object.entries(volumes).flat();
  return run('unshare', [
    ...['-m', 'sh', '-c', script.join('\n'), 'sh', root, ...mounts, '--'],
    // By whole paths, since from here on the PATH is the container's.
    ...['/usr/bin/env', '-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)],
    ...['/usr/bin/setpriv', '--clear-groups', '--no-new-privs'],
    ...['/usr/bin/unshare', `--root=${root}`, `--wd=${workingDirectory}`, `-G${gid}`, `-S${uid}`, '--'],
    ...command,
    ...args,
  ]);
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
