import { nextPage } from '../http/location.js';
import { mediaTypeOf } from '../http/message.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf, isDigest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { parseManifest } from '../oci/manifest.js';
import { isIndex, mediaTypes } from '../oci/media-types.js';
import { answerError } from './connection/answer-error.js';
import { type RegistryConnection, sendRequest } from './connection/connection.js';
import { manifestLimit } from './manifest-answer.js';
import { getManifest, peekManifest, subjectOf } from './manifests.js';
import { RegistryError } from './registry-error.js';
import { updateTag } from './update-tag.js';

export interface ReferrersOptions {
  readonly signal?: AbortSignal | undefined;
}

const mostPages = 20;

/**
 * The manifests that refer to another one: by the referrers API, else by the tag that the specification has registries
 * without it use. None where neither knows any.
 */
export async function listReferrers(
  connection: RegistryConnection,
  subject: Digest,
  { signal }: ReferrersOptions = {},
): Promise<readonly Descriptor[]> {
  const doing = `Cannot list what refers to ${subjectOf(connection, subject)}`;
  const found: Descriptor[] = [];
  let to: string | URL | undefined = `referrers/${subject}`;
  for (let page = 0; to !== undefined; page++) {
    if (page === mostPages) throw tooMany(doing, `more than ${mostPages} pages`);
    const answer: ReferrersPage | undefined = await readPage(connection, { to, doing, signal });
    if (!answer) return (await readFallback(connection, subject, { signal }))?.manifests ?? [];
    found.push(...answer.referrers);
    to = answer.next;
  }
  return found;
}

interface ReferrersPage {
  readonly referrers: readonly Descriptor[];
  readonly next: URL | undefined;
}

/** Undefined where the registry has no such API. */
async function readPage(
  connection: RegistryConnection,
  { to, doing, signal }: ReferrersOptions & { readonly to: string | URL; readonly doing: string },
): Promise<ReferrersPage | undefined> {
  const headers = { accept: mediaTypes.ociIndex };
  const limit = manifestLimit;
  const answer = await sendRequest(connection, { method: 'GET', to, doing, headers, limit, signal });
  if (answer.status === 200 && mediaTypeOf(answer.headers) === mediaTypes.ociIndex) {
    if (!answer.complete) throw tooMany(doing, `more than ${limit} bytes in one page`);
    const manifest = parseManifest(answer.body, mediaTypes.ociIndex);
    const referrers = manifest.type === 'index' ? manifest.manifests : [];
    return { referrers, next: nextOnSameOrigin(answer.headers.link, answer.url) };
  }
  if ([200, 400, 404, 405, 406].includes(answer.status)) return undefined;
  throw answerError(connection, answer, { doing });
}

function nextOnSameOrigin(link: string | undefined, url: URL): URL | undefined {
  try {
    return nextPage(link, url);
  } catch {
    return undefined;
  }
}

interface FallbackIndex {
  readonly manifests: readonly Descriptor[];
  readonly bytes: Uint8Array;
}

/** `sha256-<64 hex>`. */
function fallbackTag(subject: Digest): string {
  const [algorithm = '', hex = ''] = subject.split(':');
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}

/** Undefined where the tag does not exist, or names something else: some registries take it for the digest itself. */
async function readFallback(
  connection: RegistryConnection,
  subject: Digest,
  { signal }: ReferrersOptions,
): Promise<FallbackIndex | undefined> {
  const tag = fallbackTag(subject);
  const known = await peekManifest(connection, tag, { signal });
  if (!known || known.digest === subject || !isIndex(known.mediaType)) return undefined;
  return fallbackIndex(await getManifest(connection, tag, { signal }), subject);
}

function fallbackIndex({ descriptor, bytes }: Content, subject: Digest): FallbackIndex | undefined {
  if (descriptor.digest === subject || !isIndex(descriptor.mediaType)) return undefined;
  const manifest = parseManifest(bytes, descriptor.mediaType);
  return manifest.type === 'index' ? { manifests: manifest.manifests, bytes } : undefined;
}

/**
 * Makes a manifest known as a referrer of its subject on a registry that does not do so by itself: an entry in the
 * index at the fallback tag, beside those that others put there.
 */
export async function addReferrer(
  connection: RegistryConnection,
  { descriptor, bytes }: Content,
  { signal }: ReferrersOptions = {},
): Promise<void> {
  const manifest = parseManifest(bytes, descriptor.mediaType);
  const { subject, annotations } = manifest;
  if (!subject) return;
  const configType = manifest.type === 'image' ? manifest.config.mediaType : undefined;
  const { mediaType, digest, size } = descriptor;
  const artifactType = manifest.artifactType ?? configType;
  const entry = {
    mediaType,
    size,
    digest,
    ...(artifactType ? { artifactType } : {}),
    annotations: { ...annotations },
  };
  await updateTag(
    connection,
    fallbackTag(subject.digest),
    (current) => {
      const index = current && fallbackIndex(current, subject.digest);
      if (index?.manifests.some((one) => one.digest === digest)) return undefined;
      return indexOf([...rawEntries(index), entry]);
    },
    { signal },
  );
}

/** Unchanged, so that nothing that others wrote is lost. */
function rawEntries(index: FallbackIndex | undefined): readonly unknown[] {
  if (!index) return [];
  const { manifests } = JSON.parse(new TextDecoder().decode(index.bytes)) as { manifests: unknown[] };
  return manifests;
}

function indexOf(manifests: readonly unknown[]): Content {
  const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  const bytes = new TextEncoder().encode(text);
  const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
  return { descriptor, bytes };
}

/** Whether a manifest refers to another one, which a client may have to know. */
export function hasSubject(bytes: Uint8Array): boolean {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"subject"')) return false;
  const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return isDigest((manifest as { subject?: { digest?: unknown } | null } | null)?.subject?.digest);
}

function tooMany(doing: string, found: string): RegistryError {
  return new RegistryError('REGISTRY_UNREACHABLE', `${doing}: the list has ${found}`, { reason: 'protocol' });
}
