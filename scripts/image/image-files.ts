import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayerEntry } from '../../src/images/layer-archive.js';
import { imageSbom } from './image-sbom.js';
import { installedPackages } from './installed-packages.js';

/** Where the program lies in the image. */
export const imageDirectory = 'opt/bundles';

/** What the program is started by: the name of Node, found on the PATH of the base, and the program. */
export const entrypoint = ['node', `/${imageDirectory}/bin/bundles.js`];

export interface ImageFiles {
  readonly entries: readonly LayerEntry[];
  /** Also among the entries. */
  readonly sbom: Uint8Array;
  readonly version: string;
}

/** The program's own files that it needs at run time. */
const own = ['bin', 'dist', 'schemas', 'package.json', 'LICENSE'];
/** Nothing reads types and maps at run time, nor what is for another runtime than Node. */
const superfluous = /(?:\.[cm]?ts|\.map|\.tsbuildinfo|\.bare)$/;

/** All that the layer holds, from a checkout that is built and has its packages installed. */
export async function imageFiles(root: string): Promise<ImageFiles> {
  const installed = await installedPackages(root);
  const sbom = imageSbom(installed);
  const files = (await Promise.all(own.map((path) => filesBelow(root, path)))).flat();
  for (const { path } of installed.packages) files.push(...(await filesBelow(root, path)));
  const entries: LayerEntry[] = [];
  for (const path of files) {
    const bytes = await readFile(join(root, path));
    const executable = path === 'bin/bundles.js';
    entries.push({ type: 'file', path: `${imageDirectory}/${path}`, bytes, executable });
  }
  entries.push({ type: 'file', path: `${imageDirectory}/sbom.cdx.json`, bytes: sbom });
  entries.push({ type: 'symlink', path: `${imageDirectory}/bin/bundles`, target: 'bundles.js' });
  return { entries: [...directoriesOf(entries), ...entries], sbom, version: installed.root.version };
}

async function filesBelow(root: string, path: string): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) return [path];
  const found: string[] = [];
  for (const entry of entries) {
    const inner = `${path}/${entry.name}`;
    // Packages within packages are listed by themselves.
    if (entry.isDirectory() && entry.name !== 'node_modules' && inner !== 'dist/types')
      found.push(...(await filesBelow(root, inner)));
    else if (entry.isFile() && !superfluous.test(entry.name)) found.push(inner);
  }
  return found;
}

/** The directories of the layer, but none of those that the base has. */
function directoriesOf(entries: readonly LayerEntry[]): LayerEntry[] {
  const paths = new Set<string>([imageDirectory]);
  for (const { path } of entries) {
    for (let end = path.lastIndexOf('/'); end > imageDirectory.length; end = path.lastIndexOf('/', end - 1))
      paths.add(path.slice(0, end));
  }
  return [...paths].map((path) => ({ type: 'directory', path }));
}
