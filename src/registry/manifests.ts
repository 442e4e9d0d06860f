import { isRefusedByRegistry } from '../auth/auth-error.js';
import { requireLegalTag } from '../content/legal-tag.js';
import type { ResolveOptions } from '../content/store.js';
import { shorten } from '../http/shorten.js';
import type { Descriptor } from '../oci/descriptor.js';
import { isDigest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import { answerError } from './connection/answer-error.js';
import { type RegistryAnswer, type RegistryConnection, sendRequest } from './connection/connection.js';
import { describeBytes, describeHead, type FetchedManifest, manifestLimit } from './manifest-answer.js';
import { isRegistryError, RegistryError } from './registry-error.js';

/**
 * Registries compare types exactly: without all four, another dialect or a 404 comes back. A cache in between is to ask the
 * registry: what a tag named a while ago is not an answer.
 */
const asking = {
  accept: [
    mediaTypes.ociIndex,
    mediaTypes.ociManifest,
    mediaTypes.dockerManifestList,
    mediaTypes.dockerManifest,
  ].join(', '),
  'cache-control': 'no-cache',
};

export interface ManifestOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves a tag or digest by one HEAD, and by a GET if the HEAD is incomplete or not reliable. If it is likely absent,
 * by the GET alone, except on Docker Hub, which counts GETs.
 *
 * @throws RegistryError NOT_FOUND only if a GET confirms it with a registry's error
 */
export async function resolveManifest(
  connection: RegistryConnection,
  name: string,
  { signal, likelyAbsent = false, refusalCounts = false }: ResolveOptions = {},
): Promise<Descriptor> {
  const doing = `Cannot resolve ${subjectOf(connection, name)}`;
  let head: Unproven | undefined;
  if (!likelyAbsent || connection.registry === 'docker.io') {
    const headAnswer = await headManifest(connection, name, { signal, doing, refusalCounts });
    if ('digest' in headAnswer) return headAnswer;
    head = headAnswer;
  }
  const absent = isDigest(name) ? 'content-missing' : 'tag-missing';
  try {
    return (await getManifest(connection, name, { signal, doing, absent, afterHead: head })).descriptor;
  } catch (error) {
    if (head?.status === 200 && isRegistryError(error, 'NOT_FOUND')) throw headContradicted(error, doing);
    throw error;
  }
}

/** A HEAD that found something and a GET that finds nothing: neither is believed. */
function headContradicted(error: RegistryError, doing: string): RegistryError {
  const { method, url, status, diagnostics } = error;
  const message = `${doing}: a HEAD answered 200 and a GET ${status}, wanted one answer`;
  const facts = { method, url, status, diagnostics, cause: error };
  return new RegistryError('REGISTRY_UNREACHABLE', message, { ...facts, reason: 'protocol' });
}

/**
 * What a tag names, or undefined where it is proven that it names nothing.
 *
 * @throws RegistryError as resolveManifest does for everything else
 */
export async function peekManifest(
  connection: RegistryConnection,
  name: string,
  options: ResolveOptions = {},
): Promise<Descriptor | undefined> {
  try {
    return await resolveManifest(connection, name, options);
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** A HEAD that proves nothing, and a GET has to follow. */
interface Unproven {
  readonly status: number;
  /** Refused with all the right that can be had. */
  readonly refused?: boolean;
}

interface HeadOptions extends ManifestOptions {
  readonly doing: string;
  readonly refusalCounts: boolean;
}

async function headManifest(
  connection: RegistryConnection,
  name: string,
  { signal, doing, refusalCounts }: HeadOptions,
): Promise<Descriptor | Unproven> {
  const to = manifestPath(name);
  let answer: RegistryAnswer;
  try {
    answer = await sendRequest(connection, { method: 'HEAD', to, doing, headers: asking, signal });
  } catch (error) {
    const answered = isRegistryError(error) && isRefusedByRegistry(error.cause);
    if (answered && !refusalCounts) return { status: 401 };
    throw error;
  }
  const { status, sent } = answer;
  if (status === 200) {
    const described = describeHead(answer, name, doing);
    return described === 'ask-by-get' ? { status } : described;
  }
  // A token that states itself that it grants nothing needs no second refusal.
  if (status === 401 && (refusalCounts || sent?.lacksRight)) throw answerError(connection, answer, { doing });
  // Some registries and proxies do not support HEAD or forbid it; other refusals give the reason only in a body.
  if ((status < 500 && !ofTheTime.has(status)) || status === 501) return { status, refused: status === 401 };
  throw answerError(connection, answer, { doing });
}

/** Statuses that do not depend on the method: a GET would get the same response. */
const ofTheTime: ReadonlySet<number> = new Set([407, 408, 425, 429]);

/** By digest, the bytes are proven to be the requested ones; by tag, their hash is the digest. */
export async function getManifest(
  connection: RegistryConnection,
  name: string,
  {
    signal,
    doing,
    absent,
    afterHead,
  }: ManifestOptions & {
    doing?: string;
    absent?: 'tag-missing' | 'content-missing';
    afterHead?: Unproven | undefined;
  } = {},
): Promise<FetchedManifest> {
  const reading = doing ?? `Cannot read the manifest ${subjectOf(connection, name)}`;
  const to = manifestPath(name);
  const limit = manifestLimit;
  const { status = 404, refused } = afterHead ?? {};
  const answer = await sendRequest(connection, {
    ...{ method: 'GET', to, doing: reading, headers: asking, limit, signal },
    // What refuses a HEAD and hangs up on a GET does so again.
    attempts: status === 200 || status === 404 ? undefined : 2,
    afterRefusal: refused,
  });
  if (answer.status !== 200) {
    const missing = absent ?? (isDigest(name) ? 'content-missing' : 'tag-missing');
    throw answerError(connection, answer, { doing: reading, absent: missing });
  }
  return describeBytes(answer, { name, doing: reading });
}

/** `registry/repository:tag` or `…@digest`, quoted, for messages. */
export function subjectOf(
  { registry, repository }: Pick<RegistryConnection, 'registry' | 'repository'>,
  name?: string,
): string {
  const end = name === undefined ? '' : `${isDigest(name) ? '@' : ':'}${shorten(name)}`;
  return JSON.stringify(`${registry}/${repository}${end}`);
}

/** `manifests/<tag or digest>`. @throws REFERENCE_INVALID before anything is sent */
export function manifestPath(name: string): string {
  if (!isDigest(name)) requireLegalTag(name);
  return `manifests/${name}`;
}

const typeRefused =
  'The registry does not accept manifests of this media type; bundles have Docker manifests, which zot accepts with compat: [docker2s2]';

/** Commits may take many seconds. */
const putMs = 120_000;

/** What one PUT was answered with. */
export interface PutAnswer {
  /** Undefined when it was accepted. */
  readonly error: RegistryError | undefined;
  /** True where the registry has noted by itself what the manifest refers to. */
  readonly subjectNoted?: boolean;
}

/**
 * One PUT of a manifest under a tag or its digest; safe to repeat, since the bytes are the same. putManifest judges the
 * answer.
 */
export async function sendManifest(
  connection: RegistryConnection,
  { descriptor, bytes }: Content,
  { name, signal }: ManifestOptions & { readonly name: string },
): Promise<PutAnswer> {
  const doing = `Cannot push ${subjectOf(connection, name)}`;
  const headers = { 'content-type': descriptor.mediaType };
  const request = {
    method: 'PUT',
    to: manifestPath(name),
    doing,
    headers,
    body: bytes,
    headMs: putMs,
    signal,
  } as const;
  const answer = await sendRequest(connection, request);
  const { status } = answer;
  if (status < 200 || status > 202) {
    const hint = status === 415 ? typeRefused : undefined;
    return { error: answerError(connection, answer, { doing, hint }) };
  }
  const storedDigest = answer.headers['docker-content-digest'];
  const sameKind = isDigest(storedDigest) && storedDigest.split(':')[0] === descriptor.digest.split(':')[0];
  if (sameKind && storedDigest !== descriptor.digest) {
    throw new RegistryError(
      'REGISTRY_UNREACHABLE',
      `${doing}: the registry stored ${storedDigest}, wanted ${descriptor.digest}`,
      { reason: 'digest-contradiction', method: 'PUT', status },
    );
  }
  return { error: undefined, subjectNoted: 'oci-subject' in answer.headers };
}
