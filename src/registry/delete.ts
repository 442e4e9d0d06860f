import { isDigest } from '../oci/digest.js';
import type { Answer } from './answer.js';
import { answerError } from './answer-error.js';
import { exchange } from './exchange.js';
import { subjectOf } from './manifests.js';
import type { RegistryError } from './registry-error.js';
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
  const remove = (kind: 'manifests' | 'blobs') => {
    const to = `${kind}/${isDigest(digestOrTag) ? digestOrTag : encodeURIComponent(digestOrTag)}`;
    return exchange(wire, { method: 'DELETE', to, doing, signal }, (answer) => removed(wire, answer, doing));
  };
  const refusal = await remove('manifests');
  if (refusal === undefined) return;
  if (!isDigest(digestOrTag) || refusal.code !== 'NOT_FOUND') throw refusal;
  const second = await remove('blobs');
  if (second !== undefined) throw second;
}

async function removed(wire: Wire, answer: Answer, doing: string): Promise<RegistryError | undefined> {
  if (answer.status !== 200 && answer.status !== 202 && answer.status !== 204) {
    return answerError(answer, { doing, now: wire.clock.now() });
  }
  await answer.discard();
  return undefined;
}
