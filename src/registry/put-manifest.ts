import type { CallOptions } from '../content/store.js';
import type { Descriptor } from '../oci/descriptor.js';
import { isDigest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import type { RegistryConnection } from './connection/connection.js';
import { type PutAnswer, peekManifest, sendManifest } from './manifests.js';
import { addReferrer, hasSubject } from './referrers.js';
import { isRegistryError, RegistryError } from './registry-error.js';

/** How a manifest is put. */
export interface PutOptions extends CallOptions {
  /** Sends what the registry may still lack of the manifest's blobs, before the PUT is repeated for that reason. */
  readonly sendMissing?: (() => Promise<void>) | undefined;
}

/**
 * Puts a manifest under a tag or its digest. A reply that was lost may have been a success, and a refusal to overwrite
 * may be met by the same content: in both cases what the name resolves to decides.
 *
 * @throws RegistryError TAG_IMMUTABLE where the tag holds other content for good; what the registry refused otherwise
 */
export async function putManifest(
  connection: RegistryConnection,
  content: Content,
  { name, signal, sendMissing }: PutOptions & { readonly name: string },
): Promise<void> {
  const put = () => putOnce(connection, content, { name, signal });
  let answer = await put();
  if (answer.error && lacksBlobs(answer.error)) {
    // What was just sent may not have reached every replica yet.
    await connection.clock.sleep(lagMs, signal);
    await sendMissing?.();
    answer = await put();
  }
  const { error, subjectNoted } = answer;
  if (error) {
    if (isDigest(name) || !refusesOverwrite(error)) throw error;
    const current = await peekManifest(connection, name, { signal });
    if (current?.digest !== content.descriptor.digest)
      throw immutable(connection, { tag: name, current, error });
  }
  if (!subjectNoted && hasSubject(content.bytes)) await addReferrer(connection, content, { signal });
}

async function putOnce(
  connection: RegistryConnection,
  content: Content,
  { name, signal }: CallOptions & { readonly name: string },
): Promise<PutAnswer> {
  const answer = await sendManifest(connection, content, { name, signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (isRegistryError(error, 'REGISTRY_UNREACHABLE') && error.retryable) return { error };
    throw error;
  });
  if (!answer.error?.retryable) return answer;
  const current = await peekManifest(connection, name, { signal }).catch(() => undefined);
  signal?.throwIfAborted();
  if (current?.digest === content.descriptor.digest) return { error: undefined };
  throw answer.error;
}

/** How long replicas may lag behind each other, and a registry behind itself under parallel writes of one blob. */
const lagMs = 2_000;

/** MANIFEST_BLOB_UNKNOWN; Quay answers MANIFEST_INVALID and names the blob, or without any reason. */
function lacksBlobs({ status, diagnostics }: RegistryError): boolean {
  return diagnostics.some(
    ({ code }) => code === 'MANIFEST_BLOB_UNKNOWN' || (code === 'MANIFEST_INVALID' && status === 400),
  );
}

const refusingStatuses: ReadonlySet<number> = new Set([400, 403, 405, 409, 412]);
const refusingCodes: ReadonlySet<string> = new Set([
  'TAG_INVALID',
  'TAG_ALREADY_EXISTS',
  'PRECONDITION',
  'DENIED',
]);

/** Each registry has its own text for an immutable tag. */
function refusesOverwrite({ status = 0, diagnostics }: RegistryError): boolean {
  if (!refusingStatuses.has(status)) return false;
  if (status === 412) return true;
  return diagnostics.some(
    ({ code, message }) =>
      code === 'TAG_IMMUTABLE' ||
      (refusingCodes.has(code) && /immutable|overwrit|already exists/i.test(message)),
  );
}

/** The error of a tag that the registry keeps as it is. */
function immutable(
  { registry, repository }: { readonly registry: string; readonly repository: string },
  { tag, current, error }: { tag: string; current: Descriptor | undefined; error: RegistryError },
): RegistryError {
  const { method, url, status, diagnostics } = error;
  return new RegistryError(
    'TAG_IMMUTABLE',
    `Cannot push "${registry}/${repository}:${tag}": the tag is immutable and holds ${current?.digest ?? 'nothing that can be read'}`,
    {
      reason: 'tag-immutable',
      method,
      url,
      status,
      diagnostics,
      details: { found: current?.digest ?? null },
      cause: error,
    },
  );
}
