import type { Clock } from '../async/clock.js';
import { type LayoutStore, openLayoutStore } from '../content/layout/layout-store.js';
import { readContent } from '../content/read-content.js';
import type { Descriptor } from '../oci/descriptor.js';
import { layoutDirectory } from './layout-directory.js';
import { uploadsDirectory } from './upload-sessions.js';
import { WireError } from './wire-error.js';

/** One repository and the layout that holds it, which need not exist yet. */
export interface Repository {
  readonly name: string;
  readonly store: LayoutStore;
  /** @throws WireError 404 NAME_UNKNOWN */
  requireExisting(): Promise<void>;
  /** The verified bytes of a manifest that the store resolved. */
  readManifest(descriptor: Descriptor): Promise<Uint8Array>;
}

/** The repositories of one root, opened on first use. */
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
      const store = openLayoutStore(layoutDirectory(root, name), {
        clock,
        temporaries: uploadsDirectory(root),
      });
      const repository = openRepository(name, store);
      opened.set(name, repository);
      return repository;
    },
  };
}

function openRepository(name: string, store: LayoutStore): Repository {
  return {
    name,
    store,
    async requireExisting() {
      if (await store.isThere()) return;
      throw new WireError(404, 'NAME_UNKNOWN', 'no such repository', { detail: { name } });
    },
    readManifest: (descriptor) => readContent(store, descriptor, { limit: Number.POSITIVE_INFINITY }),
  };
}
