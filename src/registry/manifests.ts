import { requireLegalTag } from '../content/legal-tag.js';
import { safeText } from '../http/safe-text.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, isDigest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import { answerError, type Refusal } from './answer-error.js';
import { exchange } from './exchange.js';
import {
  describeBytes,
  describeHead,
  type FetchedManifest,
  isForeign,
  manifestLimit,
  notARegistry,
} from './manifest-answer.js';
import { RegistryError } from './registry-error.js';
import type { Wire } from './wire.js';

/** Registries compare types exactly: without all four, another dialect or a 404 comes back. */
const acceptManifests = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.dockerManifest,
].join(', ');

export interface ManifestOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a tag or digest names: one HEAD, and a GET where the HEAD does not tell enough or is not to be believed. Where
 * it is likely absent the GET alone, but on Docker Hub, which counts those.
 *
 * @throws RegistryError NOT_FOUND only when a GET too says so in a registry's own words
 */
export async function resolveManifest(
  wire: Wire,
  name: string,
  { signal, likelyAbsent = false }: ManifestOptions & { readonly likelyAbsent?: boolean } = {},
): Promise<Descriptor> {
  const doing = `Cannot resolve ${subjectOf(wire, name)}`;
  if (!likelyAbsent || wire.registry === 'docker.io') {
    const head = await headManifest(wire, name, { signal, doing });
    if (typeof head !== 'number') return head;
  }
  return (await getManifest(wire, name, { signal, doing, absent: 'tag-missing' })).descriptor;
}

/**
 * The same for a tag that was asked for a moment ago: a 404 to the HEAD alone is believed.
 * @returns undefined where nothing is there
 */
export async function peekManifest(
  wire: Wire,
  name: string,
  { signal }: ManifestOptions = {},
): Promise<Descriptor | undefined> {
  const doing = `Cannot resolve ${subjectOf(wire, name)}`;
  const head = await headManifest(wire, name, { signal, doing });
  if (typeof head !== 'number') return head;
  if (head === 404) return undefined;
  return (await getManifest(wire, name, { signal, doing, absent: 'tag-missing' })).descriptor;
}

/** What a HEAD tells; the status alone where only a GET can say what it means. */
async function headManifest(
  wire: Wire,
  name: string,
  { signal, doing }: ManifestOptions & { readonly doing: string },
): Promise<Descriptor | number> {
  return exchange(
    wire,
    { method: 'HEAD', to: manifestPath(name), doing, headers: { accept: acceptManifests }, signal },
    async (answer): Promise<Descriptor | number> => {
      const { status } = answer;
      if (status === 200) {
        const described = await describeHead(answer, name, doing);
        return described === 'ask-by-get' ? status : described;
      }
      const refusal: Refusal = { doing, absent: 'tag-missing', now: wire.clock.now() };
      // Some old registries know no HEAD or forbid it; other refusals say why only in a body.
      if (status >= 400 && status < 500 && !finalOnHead.has(status)) return status;
      if (status === 501) return status;
      throw await answerError(answer, refusal);
    },
  );
}

/** By digest the bytes are proven to be those asked for; by tag their hash is the digest. */
export async function getManifest(
  wire: Wire,
  name: string,
  {
    signal,
    doing,
    absent,
  }: ManifestOptions & { doing?: string; absent?: 'tag-missing' | 'content-missing' } = {},
): Promise<FetchedManifest> {
  const reading = doing ?? `Cannot read the manifest ${subjectOf(wire, name)}`;
  return exchange(
    wire,
    { method: 'GET', to: manifestPath(name), doing: reading, headers: { accept: acceptManifests }, signal },
    async (answer) => {
      if (answer.status !== 200) {
        const missing = absent ?? (isDigest(name) ? 'content-missing' : 'tag-missing');
        throw await answerError(answer, { doing: reading, absent: missing, now: wire.clock.now() });
      }
      const bytes = await answer.read(manifestLimit);
      return describeBytes(answer, bytes, { name, doing: reading });
    },
  );
}

/** Whether the repository holds this manifest. */
export async function hasManifest(
  wire: Wire,
  digest: Digest,
  { signal }: ManifestOptions = {},
): Promise<boolean> {
  const doing = `Cannot look for the manifest ${subjectOf(wire, digest)}`;
  return exchange(
    wire,
    { method: 'HEAD', to: manifestPath(digest), doing, headers: { accept: acceptManifests }, signal },
    async (answer) => {
      if (answer.status === 200) {
        if (isForeign(answer)) throw notARegistry(answer, doing);
        return true;
      }
      if (answer.status === 404) return false;
      throw await answerError(answer, { doing, now: wire.clock.now() });
    },
  );
}

/** `registry/repository:tag` or `…@digest`, quoted, for messages. */
export function subjectOf({ registry, repository }: Wire, name?: string): string {
  const end = name === undefined ? '' : `${isDigest(name) ? '@' : ':'}${safeText(name)}`;
  return JSON.stringify(`${registry}/${repository}${end}`);
}

/** A HEAD with these is repeated by nothing: their meaning needs no body. */
const finalOnHead: ReadonlySet<number> = new Set([401, 407, 408, 425, 429]);

/** `manifests/<tag or digest>`. @throws REFERENCE_INVALID before anything is sent */
export function manifestPath(name: string): string {
  if (!isDigest(name)) requireLegalTag(name);
  return `manifests/${name}`;
}

const typeRefused =
  'The registry takes no manifest of this media type; bundles have those of Docker, which zot takes with compat: [docker2s2]';

/** Commits may take many seconds. */
const putMs = 120_000;

/** What became of a PUT; refusals are the caller's to judge. */
export interface PutAnswer {
  readonly status: number;
  /** Undefined when it was accepted. */
  readonly error: RegistryError | undefined;
  /** True where the registry has noted by itself what the manifest refers to. */
  readonly subjectNoted?: boolean;
}

/** Puts a manifest under a tag or its digest; safe to repeat, since the bytes are the same. */
export async function putManifest(
  wire: Wire,
  { descriptor, bytes }: Content,
  { name, signal }: ManifestOptions & { readonly name: string },
): Promise<PutAnswer> {
  const doing = `Cannot push ${subjectOf(wire, name)}`;
  const request = {
    method: 'PUT' as const,
    to: manifestPath(name),
    doing,
    headers: { 'content-type': descriptor.mediaType },
    body: bytes,
    timeoutMs: putMs,
    signal,
  };
  return exchange(wire, request, async (answer) => {
    const { status, headers } = answer;
    if (status < 200 || status > 202) {
      const refusal = { doing, now: wire.clock.now(), ...(status === 415 ? { hint: typeRefused } : {}) };
      return { status, error: await answerError(answer, refusal) };
    }
    await answer.discard();
    const told = headers.get('docker-content-digest');
    if (
      !isDigest(told) ||
      told.split(':')[0] !== descriptor.digest.split(':')[0] ||
      told === descriptor.digest
    ) {
      return { status, error: undefined, subjectNoted: headers.has('oci-subject') };
    }
    throw new RegistryError(
      'REGISTRY_UNREACHABLE',
      `${doing}: the registry stored ${told}, wanted ${descriptor.digest}`,
      { reason: 'digest-contradiction', method: 'PUT', status },
    );
  });
}

/** How long replicas may lag behind each other, and a registry behind itself under parallel writes of one blob. */
export const lagMs = 2_000;

/** MANIFEST_BLOB_UNKNOWN; Quay says MANIFEST_INVALID and names the blob, or says it for no reason at all. */
export function lacksBlobs({ status, diagnostics }: RegistryError): boolean {
  return diagnostics.some(
    ({ code }) => code === 'MANIFEST_BLOB_UNKNOWN' || (code === 'MANIFEST_INVALID' && status === 400),
  );
}
