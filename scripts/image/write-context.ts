import { chmod, copyFile, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageFiles } from './image-files.js';

/** Writes what a build by deploy/Containerfile needs: the files of the layer below rootfs/, and the Containerfile. */
export async function writeContext(root: string, directory: string, { entries }: ImageFiles): Promise<void> {
  const rootfs = join(directory, 'rootfs');
  await mkdir(rootfs, { recursive: true, mode: 0o755 });
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const entry of sorted) {
    const path = join(rootfs, entry.path);
    await mkdir(entry.type === 'directory' ? path : dirname(path), { recursive: true, mode: 0o755 });
    if (entry.type === 'symlink') await symlink(entry.target, path);
    if (entry.type !== 'file') continue;
    await writeFile(path, entry.bytes);
    await chmod(path, entry.executable ? 0o755 : 0o644);
    await utimes(path, 0, 0);
  }
  // A mask of the one who builds must not decide who can enter.
  for (const { type, path } of sorted) if (type === 'directory') await chmod(join(rootfs, path), 0o755);
  for (const path of ['opt', '']) await chmod(join(rootfs, path), 0o755);
  await copyFile(join(root, 'deploy', 'Containerfile'), join(directory, 'Containerfile'));
}
