import { isDigest } from '../oci/digest.js';
import type { Answer } from './answer.js';
import { answerError } from './answer-error.js';
import { exchange } from './exchange.js';
import { manifestPath, resolveManifest, subjectOf } from './manifests.js';
import { RegistryError } from './registry-error.js';
import type { Wire } from './wire.js';

/**
 * Removes a manifest or a blob by digest, or one tag by name. Many registries allow neither.
 *
 * @throws RegistryError NOT_FOUND; REGISTRY_UNREACHABLE with reason `unsupported`
 */
export async function deleteContent(
  wire: Wire,
  digestOrTag: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const doing = `Cannot delete ${subjectOf(wire, digestOrTag)}`;
  const remove = (to: string) =>
    exchange(wire, { method: 'DELETE', to, doing, signal }, (answer) => removed(wire, answer, doing));
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
  // Many registries take a tag's name there for a malformed digest; a tag that is missing is told apart.
  await resolveManifest(wire, digestOrTag, { signal });
  const { method, url, diagnostics } = refusal;
  throw new RegistryError('REGISTRY_UNREACHABLE', `${doing}: this registry deletes no tags by name`, {
    reason: 'unsupported',
    method,
    url,
    status,
    diagnostics,
    hint: 'Delete the manifest by its digest; that takes its tags along',
    cause: refusal,
  });
}

async function removed(wire: Wire, answer: Answer, doing: string): Promise<RegistryError | undefined> {
  if (answer.status !== 200 && answer.status !== 202 && answer.status !== 204) {
    return answerError(answer, { doing, now: wire.clock.now() });
  }
  await answer.discard();
  return undefined;
}
