import { createHash } from 'node:crypto';
import { type Digest, digestOf } from '../../oci/digest.js';

export interface SourcesDigestOptions {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Of images that are pinned in the built bundle alone. */
  readonly images?: ReadonlyMap<string, Digest> | undefined;
  /** True where null documents are repeated as tkn does. */
  readonly tknCompat?: boolean;
  /** Hash bytes as they are, CRLF included, as locks of version 0.1 did. Default false. */
  readonly exactLineEnds?: boolean;
}

interface HashedFile {
  readonly relativePath: string;
  readonly bytes: Uint8Array;
}

/**
 * What a lock entry's `sources` is: the sha256 of a UTF-8 text of these lines, each ended by a line feed:
 *
 *     bundles sources 1
 *     file SHA256 PATH          for each source file, sorted by path
 *     annotation KEY VALUE      for each annotation of the manifest, sorted by key
 *     label KEY VALUE           for each label of the config, sorted by key
 *     image NAME DIGEST         for each image, where images are pinned in the built bundle, sorted by name
 *     option tknCompat          only where it is on
 *
 * SHA256 is the lower-case hexadecimal hash of the file's bytes with CRLF as LF; PATH (relative to the project, with `/`), KEY,
 * VALUE, NAME and DIGEST are JSON strings. Sorting is by UTF-16 code units. `created` is beside it in the lock and is not part.
 */
export function sourcesDigest(
  files: readonly HashedFile[],
  { annotations, labels, images = new Map(), tknCompat = false, exactLineEnds = false }: SourcesDigestOptions,
): Digest {
  const hash = (bytes: Uint8Array) =>
    createHash('sha256')
      .update(exactLineEnds ? bytes : withLineFeeds(bytes))
      .digest('hex');
  const lines = [
    'bundles sources 1',
    ...sorted(files.map(({ relativePath, bytes }) => [relativePath, bytes] as const)).map(
      ([path, bytes]) => `file ${hash(bytes)} ${JSON.stringify(path)}`,
    ),
    ...pairLines('annotation', annotations),
    ...pairLines('label', labels),
    ...pairLines('image', Object.fromEntries(images)),
    ...(tknCompat ? ['option tknCompat'] : []),
  ];
  return digestOf(Buffer.from(`${lines.join('\n')}\n`, 'utf8'));
}

/**
 * The digest of sources to compare with `locked`, the one of their lock entry: a lock that hashed line ends as they are
 * stays valid.
 */
export function sourcesDigestAs(
  locked: Digest | undefined,
  files: readonly HashedFile[],
  options: SourcesDigestOptions,
): Digest {
  const digest = sourcesDigest(files, options);
  if (digest === locked || !files.some(({ bytes }) => hasCrLf(bytes))) return digest;
  const exact = sourcesDigest(files, { ...options, exactLineEnds: true });
  return exact === locked ? exact : digest;
}

function hasCrLf(bytes: Uint8Array): boolean {
  return asBuffer(bytes).includes('\r\n');
}

/** A lone CR is content. */
export function withLineFeeds(bytes: Uint8Array): Uint8Array {
  if (!hasCrLf(bytes)) return bytes;
  return Buffer.from(asBuffer(bytes).toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function pairLines(word: string, pairs: Readonly<Record<string, string>>): string[] {
  const entries = sorted(Object.entries(pairs));
  return entries.map(([key, value]) => `${word} ${JSON.stringify(key)} ${JSON.stringify(value)}`);
}

function sorted<Pair extends readonly [string, unknown]>(pairs: readonly Pair[]): Pair[] {
  return [...pairs].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}
