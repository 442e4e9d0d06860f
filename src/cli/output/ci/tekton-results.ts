import { join } from 'node:path';
import type { EnsureResult } from '../../../ensure/result.js';
import { BundlesError } from '../../../errors.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';

/** Kubernetes keeps 4096 bytes of a pod's termination message; these include Tekton's own and the marks around each result. */
const longest = 3072;

/** The results of a Task by their names. None of them grows with the number of bundles. */
export function toTektonResults({
  part,
  summary,
}: Pick<EnsureResult, 'part' | 'summary'>): Map<string, string> {
  const location = part?.location ?? '';
  const { reused, published, fallback, failed } = summary;
  const results = new Map([
    ['part', location],
    ['IMAGES', location.startsWith('oci:') ? location.slice('oci:'.length) : ''],
    ['summary', `reused ${reused}, published ${published}, fallback ${fallback}, failed ${failed}`],
  ]);
  const bytes = [...results].reduce((sum, [name, text]) => sum + Buffer.byteLength(name + text), 0);
  if (bytes <= longest) return results;
  throw new BundlesError(
    'TOO_LARGE',
    `Cannot write the results of the Task: they have ${bytes} bytes, allowed are ${longest}`,
    { hint: 'Name a shorter place with --part', details: { bytes, limit: longest } },
  );
}

/** Writes them as files without a line end, as Tekton reads them. @throws TOO_LARGE, NOT_WRITABLE, DISK_FULL */
export async function writeTektonResults(directory: string, result: EnsureResult): Promise<void> {
  for (const [name, text] of toTektonResults(result)) await writeFileAtomic(join(directory, name), text);
}
