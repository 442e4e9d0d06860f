import type { Descriptor } from '../oci/descriptor.js';
import { exchange } from './exchange.js';
import { followLocation } from './location.js';
import { subjectOf } from './manifests.js';
import { isRegistryError } from './registry-error.js';
import type { Wire } from './wire.js';

/**
 * Takes a blob over from another repository of the same registry: one request, nothing is sent. False where the
 * registry would rather have it sent, for whatever reason; then it is not asked for that repository again.
 */
export async function mountBlob(
  wire: Wire,
  { digest }: Descriptor,
  { from, signal }: { readonly from: string; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  if (from === wire.repository || wire.host.refusedMounts.has(from)) return false;
  // The right to pull from there is asked for beside the right to push here.
  const own: Wire = { ...wire, target: () => ({ ...wire.target(), alsoPull: [from] }) };
  const query = new URLSearchParams({ mount: digest, from });
  const doing = `Cannot mount the blob ${subjectOf(wire, digest)} from ${JSON.stringify(from)}`;
  const request = { method: 'POST' as const, to: `blobs/uploads/?${query}`, doing, signal };
  try {
    return await exchange(own, request, async (answer) => {
      await answer.discard();
      if (answer.status === 201) return true;
      wire.host.refusedMounts.add(from);
      if (answer.status !== 202) return false;
      const { url } = answer;
      const session = followLocation(answer.headers.get('location'), { url, use: 'upload' });
      // Nobody waits for it: the registry collects what is left anyway.
      const cancel = { method: 'DELETE' as const, to: session, doing, repeat: false, timeoutMs: 2_000 };
      exchange(wire, cancel, (left) => left.discard()).catch(() => undefined);
      return false;
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (!isRegistryError(error)) throw error;
    // Some registries refuse the whole request where only the mount is refused; the upload will tell.
    wire.host.refusedMounts.add(from);
    return false;
  }
}
