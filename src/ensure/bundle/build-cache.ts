import { join } from 'node:path';
import { EPOCH } from '../../bundle/build-bundle.js';
import { isBundlesError } from '../../errors.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import { type Digest, isDigest } from '../../oci/digest.js';
import type { LintSettings } from '../../project/config/parse-lint.js';
import type { LockObject } from '../../project/lock/lock.js';
import { version } from '../../version.js';
import type { BuildRecord } from './build-record.js';

/**
 * What earlier runs on this machine found building the same sources, so that a run where nothing changed parses and
 * compresses nothing. It holds digests, never bytes: whatever is published, compared or served is built first, and
 * shows a cache that is wrong. Only the verdict `present` rests on it, as much as on anything else in the state
 * directory; a frozen run does not use it.
 */
export interface BuildCache {
  get(key: BuildKey): BuildRecord | undefined;
  keep(key: BuildKey, built: BuildRecord): void;
  /** Writes what is new; failing is not a failure. */
  save(): Promise<void>;
}

export interface BuildKey {
  /** Decides the bytes together with `created`. */
  readonly sources: Digest;
  /** Undefined for the default, which the lock names from the first run on. */
  readonly created: string | undefined;
  /** The settings with which the objects were found valid. */
  readonly lint: LintSettings;
  /** A rule may compare it with what is declared. */
  readonly tag?: string;
}

const sizeLimit = 32 * 1024 * 1024;
const mostEntries = 10_000;

/** Opens the cache of a state directory; what cannot be read is forgotten. */
export async function openBuildCache(stateDirectory: string): Promise<BuildCache> {
  const path = join(stateDirectory, 'builds.json');
  const known = await readMemory(path);
  let news = 0;
  return {
    get: (key) => parseBuilt(known.get(keyText(key))),
    keep(key, built) {
      // Put last, so that the oldest are the first to be forgotten.
      known.delete(keyText(key));
      known.set(keyText(key), formatBuilt(built));
      news++;
    },
    async save() {
      if (news === 0) return;
      const builds = Object.fromEntries([...known].slice(-mostEntries));
      const text = `${JSON.stringify({ version: 1, program: version, builds })}\n`;
      await writeFileAtomic(path, text, { durable: false }).catch(() => undefined);
    },
  };
}

function keyText({ sources, created = EPOCH, lint, tag }: BuildKey): string {
  const { apiFields, features, ignore, severities } = lint;
  const usual = apiFields === 'beta' && features.length === 0 && ignore.length === 0;
  const raised = Object.entries(severities)
    .flatMap(([rule, severity]) => (severity === 'error' ? [rule] : []))
    .sort();
  const flags = usual ? '' : JSON.stringify([apiFields, features, ignore]);
  return `${sources} ${created}${flags}${raised.length === 0 ? '' : JSON.stringify([raised, lint.for, tag])}`;
}

async function readMemory(path: string): Promise<Map<string, unknown>> {
  try {
    const bytes = await readFileCapped(path, { limit: sizeLimit, missing: 'NOT_FOUND' });
    const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isRecord(document) || document.program !== version || !isRecord(document.builds)) return new Map();
    return new Map(Object.entries(document.builds));
  } catch (error) {
    if (error instanceof SyntaxError || isBundlesError(error)) return new Map();
    throw error;
  }
}

/** The stored form; of the objects only what a schema needs, the JSON of Pipelines. */
function formatBuilt({
  digest,
  configDigest,
  created,
  objects,
  images,
  schemaObjects,
}: BuildRecord): unknown {
  const decoder = new TextDecoder();
  const pipelines = schemaObjects.map(({ kind, name, json, origin }) => ({
    kind,
    name,
    json: kind === 'Pipeline' && name === 'workflow' ? decoder.decode(json) : '{}',
    origin,
  }));
  return { digest, configDigest, created, objects, images: [...images], schemaObjects: pipelines };
}

function parseBuilt(value: unknown): BuildRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { digest, configDigest, created, objects, images, schemaObjects } = value;
  if (!isDigest(digest) || !isDigest(configDigest) || typeof created !== 'string') return undefined;
  if (!Array.isArray(objects) || !objects.every(isLockObject)) return undefined;
  if (!Array.isArray(images) || !images.every(isImage)) return undefined;
  if (!Array.isArray(schemaObjects) || !schemaObjects.every(isStoredObject)) return undefined;
  const encoder = new TextEncoder();
  return {
    digest,
    configDigest,
    created,
    objects,
    images: new Map(images),
    schemaObjects: schemaObjects.map(({ kind, name, json, origin }) => ({
      kind,
      name,
      json: encoder.encode(json),
      origin,
    })),
  };
}

interface StoredObject {
  readonly kind: string;
  readonly name: string;
  readonly json: string;
  readonly origin: { readonly file: string; readonly document: number; readonly line: number };
}

function isLockObject(value: unknown): value is LockObject {
  if (!isRecord(value)) return false;
  const { apiVersion, kind, name, diffId } = value;
  return [apiVersion, kind, name].every((text) => typeof text === 'string') && isDigest(diffId);
}

function isImage(value: unknown): value is [string, Digest] {
  return Array.isArray(value) && typeof value[0] === 'string' && isDigest(value[1]);
}

function isStoredObject(value: unknown): value is StoredObject {
  if (!isRecord(value) || !isRecord(value.origin)) return false;
  const { kind, name, json, origin } = value;
  const texts = [kind, name, json, origin.file];
  return (
    texts.every((text) => typeof text === 'string') &&
    Number.isInteger(origin.line) &&
    Number.isInteger(origin.document)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
