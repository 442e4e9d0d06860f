import { BundlesError } from '../errors.js';
import { type Digest, isDigest } from './digest.js';
import { formatReference, parseReference, quote, type Reference } from './reference.js';
import { isLayoutName, isTag } from './repository-name.js';

/** Where an image is, or shall be: on a registry, in a layout directory, or in an archive file. */
export type ImageLocation = RegistryLocation | FileLocation;

export interface RegistryLocation {
  readonly kind: 'registry';
  readonly reference: Reference;
}

export interface FileLocation {
  readonly kind: FileLocationKind;
  /** As given. */
  readonly path: string;
  /** The image's tag, or its whole name, e.g. `quay.io/acme/hello:v1` or `hello:8.3`. */
  readonly image?: string;
  /** Decides what is read; a name beside it is for people. */
  readonly digest?: Digest;
}

/** The prefixes that skopeo and podman use too. */
const fileLocationKinds = ['oci', 'oci-archive', 'docker-archive'] as const;
export type FileLocationKind = (typeof fileLocationKinds)[number];

/**
 * Reads `registry/repository[:tag][@digest]`, `oci:DIRECTORY[:tag][@digest]`, `oci-archive:FILE[:name][@digest]` or
 * `docker-archive:FILE[:name][@digest]`. A path ends at its first colon (a drive letter's aside), as for skopeo.
 * `parseImageLocation(formatImageLocation(x))` equals `x`.
 *
 * @throws REFERENCE_INVALID
 */
export function parseImageLocation(text: string): ImageLocation {
  const kind = fileLocationKinds.find((kind) => text.startsWith(`${kind}:`));
  if (kind !== undefined) return parseFileLocation(text, kind);
  refuseForeignTransport(text);
  return { kind: 'registry', reference: parseReference(text) };
}

export function formatImageLocation(place: ImageLocation): string {
  if (place.kind === 'registry') return formatReference(place.reference);
  const image = place.image === undefined ? '' : `:${place.image}`;
  const digest = place.digest === undefined ? '' : `@${place.digest}`;
  return `${place.kind}:${place.path}${image}${digest}`;
}

function parseFileLocation(text: string, kind: FileLocationKind): FileLocation {
  if (text.length > longest) throw invalid(text, `it is longer than ${longest} characters`);
  if (/[\u0000-\u001f\u007f]/.test(text)) throw invalid(text, 'it holds a control character');
  const rest = text.slice(kind.length + 1);
  if (rest.startsWith('//')) throw invalid(text, `it starts with ${kind}://`, `Write ${kind}:PATH`);
  const at = rest.lastIndexOf('@');
  const last = rest.slice(at + 1);
  const digest = at >= 0 && isDigest(last) ? last : undefined;
  if (at >= 0 && digest === undefined && /^sha(?:256|512):/.test(last)) {
    throw invalid(
      text,
      `"${last}" is not a digest`,
      'A digest is sha256: and 64 lower-case hexadecimal digits',
    );
  }
  const named = digest === undefined ? rest : rest.slice(0, at);
  const drive = /^[A-Za-z]:[\\/]/.test(named) ? 2 : 0;
  const colon = named.indexOf(':', drive);
  const path = colon < 0 ? named : named.slice(0, colon);
  if (path === '') {
    throw invalid(text, `the ${kind === 'oci' ? 'directory' : 'file'} after "${kind}:" is missing`);
  }
  const image = colon < 0 ? undefined : readImage(text, named.slice(colon + 1), kind);
  return Object.freeze({
    kind,
    path,
    ...(image === undefined ? {} : { image }),
    ...(digest === undefined ? {} : { digest }),
  });
}

/** A tag, or a whole name as other programs write it; kept as it is. */
function readImage(text: string, image: string, kind: FileLocationKind): string {
  if (isTag(image)) return image;
  const hint =
    'A tag is at most 128 letters, digits, ".", "_" and "-"; a path with a colon cannot be used: use another path to the same file';
  if (image === '') throw invalid(text, 'the tag after ":" is missing', hint);
  const isName = kind === 'docker-archive' ? /[/:]/.test(image) && isWholeName(image) : isLayoutName(image);
  if (isName) return image;
  throw invalid(text, `${quote(image)} is neither a tag nor a name with a tag`, hint);
}

function isWholeName(image: string): boolean {
  try {
    const { tag, digest } = parseReference(image);
    return tag !== undefined && digest === undefined;
  } catch {
    return false;
  }
}

const longest = 4096 + 1024;

/** Other tools support more kinds of locations; without this they would be taken for images of Docker Hub. */
function refuseForeignTransport(text: string): void {
  const match = /^([A-Za-z][A-Za-z0-9_-]*):(.*)$/s.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return;
  const [, word, rest] = match;
  if (rest.startsWith('//')) return;
  const isForeign = /^(?:docker-daemon|containers-storage|ocidir|oci-layout|sif|tarball)$/.test(word);
  const isPath = /^(?:[./\\]|[A-Za-z]:[\\/])|\.(?:tar|tgz|tar\.gz)(?:[:@].*)?$/.test(rest);
  if (!isForeign && !isPath) return;
  throw invalid(text, `"${word}:" is not a known kind of location`);
}

function invalid(text: string, problem: string, hint?: string): BundlesError {
  return new BundlesError('REFERENCE_INVALID', `Cannot read the place ${quote(text)}: ${problem}`, {
    hint:
      hint ??
      'Write registry/repository:tag, oci:DIRECTORY[:tag], oci-archive:FILE[:tag] or docker-archive:FILE[:tag]',
    details: { reference: text.slice(0, 200) },
  });
}
