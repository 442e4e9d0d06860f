import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../bytes/sha256.js';
import { isBundlesError } from '../errors.js';
import { errnoOf, readError, writeError } from '../fs/machine-error.js';
import { makeDirectory } from '../fs/make-directory.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import { isDigest } from '../oci/digest.js';
import type { CatalogEntry } from './catalog-target.js';
import { isMapping } from './schema-content.js';

/** A registration that was begun, and of which nobody has written down yet how it ended. */
export interface Intent {
  /** Where it is registered. */
  readonly place: string;
  readonly entry: CatalogEntry;
}

/** What an intent is found by. */
export interface IntentKey {
  readonly place: string;
  readonly entry: Pick<CatalogEntry, 'name' | 'version'>;
}

/**
 * What this machine has begun to register: a file for each intent, there from before the request until its end is
 * known and told. So a killed run is found out by the next one, which then knows an entry of the catalog as ours.
 */
export interface Journal {
  /** The path under which a task has the intent of this workflow version for itself. */
  lockOf(key: IntentKey): string;
  begin(intent: Intent): Promise<void>;
  /** The intent with this place, name and version, whatever its content. */
  find(key: IntentKey): Promise<Intent | undefined>;
  end(key: IntentKey): Promise<void>;
  /** Intents of one place. */
  list(place: string): Promise<readonly Intent[]>;
}

/** A schema document with room to spare. */
const sizeLimit = 4 * 1024 * 1024;

/** The journal of a state directory; what cannot be read as an intent is none. */
export function openJournal(stateDirectory: string): Journal {
  const directory = join(stateDirectory, 'registering');
  const pathOf = ({ place, entry: { name, version } }: IntentKey) => {
    const key = sha256Hex(new TextEncoder().encode(JSON.stringify([place, name, version])));
    return join(directory, `${key.slice(0, 32)}.json`);
  };
  return {
    lockOf: (key) => `${pathOf(key)}.lock`,
    async begin(intent) {
      await makeDirectory(directory);
      // Not waiting for the disk: a power cut may take the note, and then the catalog is asked all the same.
      await writeFileAtomic(pathOf(intent), `${JSON.stringify({ version: 1, ...intent })}\n`, {
        durable: false,
      });
    },
    async find(key) {
      const found = await readIntent(pathOf(key));
      return found?.place === key.place ? found : undefined;
    },
    async end(key) {
      const path = pathOf(key);
      await unlink(path).catch((error: unknown) => {
        if (errnoOf(error) !== 'ENOENT') throw writeError(error, `remove ${JSON.stringify(path)}`, path);
      });
    },
    async list(place) {
      const names = await readdir(directory).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return [];
        throw readError(error, `list ${JSON.stringify(directory)}`, { path: directory });
      });
      const files = names.filter((name) => /^[0-9a-f]{32}\.json$/.test(name)).sort();
      const intents = await Promise.all(files.map((name) => readIntent(join(directory, name))));
      return intents.filter((intent) => intent !== undefined).filter((intent) => intent.place === place);
    },
  };
}

async function readIntent(path: string): Promise<Intent | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFileCapped(path, { limit: sizeLimit, missing: 'NOT_FOUND', tooLarge: 'NOT_FOUND' });
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
  try {
    const note: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isMapping(note) || typeof note.place !== 'string' || !isEntry(note.entry)) return undefined;
    return { place: note.place, entry: note.entry };
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is CatalogEntry {
  if (!isMapping(value)) return false;
  const { bundle, name, version, format, content, contentHash, image, digest } = value;
  const texts = [bundle, name, version, format, content, contentHash, image];
  return texts.every((text) => typeof text === 'string') && isDigest(digest);
}
