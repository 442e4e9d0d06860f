import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { errnoOf, readError } from '../../fs/machine-error.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { isDigest } from '../../oci/digest.js';
import { mediaTypes } from '../../oci/media-types.js';
import { type LayoutEntry, sortEntries } from './layout-entries.js';

/** What marks a directory as a layout (image-spec, image-layout.md). */
export const layoutMark = '{"imageLayoutVersion":"1.0.0"}';
/** Bytes; some 200,000 entries, far beyond any repository. */
const indexLimit = 64 * 1024 * 1024;

/** index.json as read; unknown keys are kept in `rest`. */
export interface IndexFile {
  readonly entries: readonly LayoutEntry[];
  readonly rest: Readonly<Record<string, unknown>>;
}

/** The directory's index.json, or undefined where there is none yet. @throws LAYOUT_INVALID, NOT_READABLE */
export async function readIndexFile(directory: string): Promise<IndexFile | undefined> {
  const path = join(directory, 'index.json');
  const bytes = await readIfThere(path, indexLimit);
  return bytes && parseIndexFile(bytes, path);
}

/** The bytes of an index.json; `path` is for messages. @throws LAYOUT_INVALID */
export function parseIndexFile(bytes: Uint8Array, path: string): IndexFile {
  const index = parse(path, bytes);
  if (index.schemaVersion !== 2) throw invalid(path, 'schemaVersion', 'the number 2 is wanted');
  const { manifests, ...rest } = index;
  if (!Array.isArray(manifests)) throw invalid(path, 'manifests', 'a list is wanted');
  for (const [position, entry] of manifests.entries()) checkEntry(path, entry, `manifests[${position}]`);
  return { entries: manifests as LayoutEntry[], rest };
}

/** @throws LAYOUT_INVALID when the directory's oci-layout is missing or of another version */
export async function checkLayoutMark(directory: string): Promise<void> {
  const path = join(directory, 'oci-layout');
  const bytes = await readIfThere(path, 4096);
  if (bytes === undefined) throw invalid(path, 'oci-layout', 'it is missing beside index.json');
  parseLayoutMark(bytes, path);
}

/** Whether a directory is marked as a layout. */
export async function hasLayoutMark(directory: string): Promise<boolean> {
  const path = join(directory, 'oci-layout');
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw readError(error, `read ${JSON.stringify(path)}`, { path });
  }
}

/** @throws LAYOUT_INVALID unless the bytes of an oci-layout are of the one version there is */
export function parseLayoutMark(bytes: Uint8Array, path: string): void {
  const mark = parse(path, bytes);
  if (mark.imageLayoutVersion !== '1.0.0') throw invalid(path, 'imageLayoutVersion', '"1.0.0" is wanted');
}

export function formatIndexFile({ entries, rest }: IndexFile): string {
  const manifests = sortEntries(entries).map(({ mediaType, digest, size, ...others }) => ({
    mediaType,
    digest,
    size,
    ...others,
  }));
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, ...rest, manifests });
}

async function readIfThere(path: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    return await readFileCapped(path, { limit, missing: 'NOT_FOUND', tooLarge: 'LAYOUT_INVALID' });
  } catch (error) {
    if (error instanceof BundlesError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

function parse(path: string, bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(path, undefined, 'it is not JSON', cause);
  }
  if (isRecord(value)) return value;
  throw invalid(path, undefined, 'it is not a JSON object');
}

function checkEntry(path: string, entry: unknown, where: string): void {
  if (!isRecord(entry)) throw invalid(path, where, 'an object is wanted');
  const { mediaType, digest, size, annotations } = entry;
  if (typeof mediaType !== 'string') throw invalid(path, `${where}.mediaType`, 'a text is wanted');
  if (!isDigest(digest))
    throw invalid(path, `${where}.digest`, 'sha256: and 64 hexadecimal digits are wanted');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(path, `${where}.size`, 'a number of bytes is wanted');
  }
  if (annotations === undefined || annotations === null) return;
  const areTexts =
    isRecord(annotations) && Object.values(annotations).every((value) => typeof value === 'string');
  if (!areTexts) throw invalid(path, `${where}.annotations`, 'an object of texts is wanted');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without `where`, the problem is the file's as a whole. */
function invalid(path: string, where: string | undefined, problem: string, cause?: unknown): BundlesError {
  return new BundlesError(
    'LAYOUT_INVALID',
    `Cannot read the layout file ${JSON.stringify(path)}: ${where === undefined ? '' : `${where}: `}${problem}`,
    {
      hint: 'Repair the file, or write the layout again into an empty directory',
      details: { path, where: where ?? 'the file' },
      cause,
    },
  );
}
