import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package that the program needs at run time, as the lock of npm has it. */
export interface InstalledPackage {
  /** Its directory, e.g. `node_modules/ajv`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Of the package's archive, e.g. `sha512-…`. */
  readonly integrity: string | undefined;
  readonly license: string | undefined;
  /** Directories of those it asks for. */
  readonly needs: readonly string[];
}

export interface InstalledPackages {
  /** The program itself. */
  readonly root: InstalledPackage;
  /** Sorted by their directories. */
  readonly packages: readonly InstalledPackage[];
  /** Packages of which a part is in the program's own files. */
  readonly within: readonly InstalledPackage[];
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * What the program needs at run time, its optional packages included: the closure of package-lock.json, checked against
 * what is installed. Types alone are left out. A package for one kind of machine is refused: one layer serves all
 * platforms.
 */
export async function installedPackages(root: string): Promise<InstalledPackages> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const { '': own = {} } = lock.packages;
  const chosen = closureOf(own, new Map(Object.entries(lock.packages)));
  const packages: InstalledPackage[] = [];
  for (const path of [...chosen.keys()].sort()) {
    const entry = chosen.get(path) as LockEntry;
    if (entry.os !== undefined || entry.cpu !== undefined)
      throw new Error(`${path} is for one kind of machine, and the layer is for all`);
    await requireInstalled(root, path, entry);
    packages.push(toPackage(path, entry, chosen));
  }
  // With parts of them in dist/, whose licences lie beside.
  const licenses = (await readdir(join(root, 'dist', 'licenses'))).sort();
  const within = licenses.flatMap((file) => {
    const path = `node_modules/${file.replace(/\.txt$/, '').replace('+', '/')}`;
    const entry = lock.packages[path];
    if (entry === undefined) throw new Error(`dist/licenses/${file} belongs to no package of the lock`);
    return chosen.has(path) ? [] : [toPackage(path, entry, chosen)];
  });
  return { root: toPackage('node_modules/tekton-bundles', own, chosen), packages, within };
}

function closureOf(own: LockEntry, all: ReadonlyMap<string, LockEntry>): ReadonlyMap<string, LockEntry> {
  const chosen = new Map<string, LockEntry>();
  const visit = (from: string, names: readonly string[]) => {
    for (const name of names) {
      const path = name.startsWith('@types/') ? undefined : directoryOf(name, from, all);
      const entry = path === undefined ? undefined : all.get(path);
      if (path === undefined || entry === undefined || chosen.has(path)) continue;
      chosen.set(path, entry);
      visit(path, Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }));
    }
  };
  visit('', Object.keys({ ...own.dependencies, ...own.peerDependencies }));
  return chosen;
}

async function requireInstalled(root: string, path: string, { version }: LockEntry): Promise<void> {
  const text = await readFile(join(root, path, 'package.json'), 'utf8').catch(() => '{}');
  const installed = (JSON.parse(text) as { version?: string }).version;
  if (installed === version) return;
  throw new Error(`${path}: found ${installed ?? 'nothing'}, and the lock has ${version}; run npm ci first`);
}

function toPackage(path: string, entry: LockEntry, chosen: ReadonlyMap<string, unknown>): InstalledPackage {
  const isRoot = path === 'node_modules/tekton-bundles';
  const peers = isRoot ? entry.peerDependencies : {};
  const wanted = Object.keys({ ...entry.dependencies, ...entry.optionalDependencies, ...peers }).sort();
  const from = isRoot ? '' : path;
  return {
    ...{ path, name: nameOf(path), version: entry.version ?? '' },
    ...{ integrity: entry.integrity, license: entry.license },
    needs: wanted.flatMap((name) => directoryOf(name, from, chosen) ?? []),
  };
}

/** Where Node finds a package that another one asks for. */
function directoryOf(name: string, from: string, chosen: ReadonlyMap<string, unknown>): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (chosen.has(path)) return path;
    if (at === '') return undefined;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
