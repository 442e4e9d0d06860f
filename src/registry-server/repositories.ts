import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { layoutMark } from '../content/layout-files.js';
import { type LayoutStore, openLayoutStore } from '../content/layout-store.js';
import { readContent } from '../content/read-content.js';
import { makeDirectory } from '../fs/make-directory.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import type { Descriptor } from '../oci/descriptor.js';
import { isAbsent } from './blob-files.js';
import { layoutDirectory } from './layout-directory.js';
import { WireError } from './wire-error.js';

/** One repository and the layout that holds it, which need not exist yet. */
export interface Repository {
  readonly name: string;
  readonly directory: string;
  readonly store: LayoutStore;
  /** Makes the layout if there is none. */
  prepare(): Promise<void>;
  /** @throws WireError 404 NAME_UNKNOWN */
  requireExisting(): Promise<void>;
  /** The verified bytes of a manifest that the store resolved. */
  readManifest(descriptor: Descriptor): Promise<Uint8Array>;
}

/** The repositories of one root, opened when first asked for. */
export interface Repositories {
  directory(name: string): string;
  open(name: string): Repository;
}

/** An open store keeps a parsed index; this many at most. */
const rememberedStores = 1000;

export function createRepositories({
  root,
  clock,
}: {
  readonly root: string;
  readonly clock: Clock;
}): Repositories {
  const opened = new Map<string, Repository>();
  return {
    directory: (name) => layoutDirectory(root, name),
    open(name) {
      const known = opened.get(name);
      if (known) return known;
      if (opened.size >= rememberedStores) opened.clear();
      const repository = openRepository(name, { directory: layoutDirectory(root, name), clock });
      opened.set(name, repository);
      return repository;
    },
  };
}

function openRepository(
  name: string,
  { directory, clock }: { readonly directory: string; readonly clock: Clock },
): Repository {
  const store = openLayoutStore(directory, { clock });
  const marker = join(directory, 'oci-layout');
  return {
    name,
    directory,
    store,
    async prepare() {
      if (await exists(marker)) return;
      await makeDirectory(directory);
      await writeFileAtomic(marker, layoutMark);
    },
    async requireExisting() {
      if (await exists(marker)) return;
      throw new WireError(404, 'NAME_UNKNOWN', 'no such repository', { detail: { name } });
    },
    readManifest: (descriptor) => readContent(store, descriptor, { limit: Number.POSITIVE_INFINITY }),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
