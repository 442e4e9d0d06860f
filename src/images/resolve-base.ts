import type { Base } from '../engine/containerfile.js';
import type { LocalImage } from '../engine/engine.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { formatReference, referenceName } from '../oci/reference.js';
import type { ImageRun } from './image-run.js';

/** What a base is: a digest by which everybody gets the same, or an id that means something here only. */
export interface ResolvedBase {
  readonly proof: string;
  readonly digest: Digest | undefined;
}

/**
 * Asks the registry what a base is, else the engine's own store: offline, or where the registry has it not.
 *
 * @throws CONTAINERFILE_INVALID where nobody has it; what the registry throws
 */
export async function resolveBase(run: ImageRun, { reference, written }: Base): Promise<ResolvedBase> {
  if (reference.digest !== undefined) return pinned(reference.digest);
  const tag = reference.tag ?? 'latest';
  let failure: unknown;
  if (run.registry !== undefined && reference.registry !== 'localhost') {
    try {
      const { digest } = await run.registry.repository(reference).resolve(tag, { signal: run.signal });
      return pinned(digest);
    } catch (error) {
      run.signal.throwIfAborted();
      failure = error;
    }
  }
  const local = await run.engine.inspect(formatReference({ ...reference, tag }));
  if (local === undefined)
    throw isBundlesError(failure) && failure.code !== 'NOT_FOUND' ? failure : nowhere(written);
  const known = digestIn(local, referenceName(reference));
  // A registry that says "not there" stands over a digest that it once gave.
  return known && !isBundlesError(failure, 'NOT_FOUND')
    ? pinned(known)
    : { proof: `id:${local.id}`, digest: undefined };
}

function pinned(digest: Digest): ResolvedBase {
  return { proof: digest, digest };
}

/** The digest by which a registry gave it. What was built here has one too, which no registry knows. */
function digestIn({ repositoryDigests, names }: LocalImage, name: string): Digest | undefined {
  if (name.startsWith('localhost/')) return undefined;
  const digests = repositoryDigests
    .filter((text) => text.startsWith(`${name}@`))
    .map((text) => text.slice(name.length + 1))
    .filter(isDigest);
  return names.length > 0 ? digests[0] : undefined;
}

function nowhere(written: string): BundlesError {
  return new BundlesError(
    'CONTAINERFILE_INVALID',
    `Cannot find the base image ${JSON.stringify(written)}: neither its registry nor the container engine has it`,
    { hint: 'Correct the name in FROM, or build or pull it first', details: { base: written } },
  );
}
