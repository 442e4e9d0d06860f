import { isDigest } from '../oci/digest.js';
import { answerError } from './connection/answer-error.js';
import { type RegistryConnection, sendRequest } from './connection/connection.js';
import { manifestPath, resolveManifest, subjectOf } from './manifests.js';
import { RegistryError } from './registry-error.js';

/**
 * Removes a manifest or a blob by digest, or one tag by name. Many registries allow neither.
 *
 * @throws RegistryError NOT_FOUND; REGISTRY_UNREACHABLE with reason `unsupported`
 */
export async function deleteContent(
  connection: RegistryConnection,
  digestOrTag: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const doing = `Cannot delete ${subjectOf(connection, digestOrTag)}`;
  const remove = async (to: string) => {
    const answer = await sendRequest(connection, { method: 'DELETE', to, doing, signal });
    const removed = [200, 202, 204].includes(answer.status);
    return removed ? undefined : answerError(connection, answer, { doing });
  };
  const refusal = await remove(manifestPath(digestOrTag));
  if (refusal === undefined) return;
  if (isDigest(digestOrTag)) {
    if (refusal.code !== 'NOT_FOUND') throw refusal;
    const second = await remove(`blobs/${digestOrTag}`);
    if (second !== undefined) throw second;
    return;
  }
  const { status = 0 } = refusal;
  if (refusal.code === 'NOT_FOUND' || ![400, 404, 405].includes(status)) throw refusal;
  // Many registries take a tag's name there for a malformed digest; a missing tag is distinguished.
  await resolveManifest(connection, digestOrTag, { signal });
  const { method, url, diagnostics } = refusal;
  throw new RegistryError('REGISTRY_UNREACHABLE', `${doing}: this registry deletes no tags by name`, {
    reason: 'unsupported',
    method,
    url,
    status,
    diagnostics,
    hint: 'Delete the manifest by its digest; that removes its tags too',
    cause: refusal,
  });
}
