import { BundlesError } from '../../errors.js';
import { parseReference, type Reference } from '../../oci/reference.js';

/** A reference on a registry, for commands that accept nothing else. @throws REFERENCE_INVALID, also for a layout or an archive */
export function parseRegistryReference(text: string): Reference {
  if (!/^(?:oci|oci-archive|docker-archive):/.test(text)) return parseReference(text);
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot use ${JSON.stringify(text)}: found a layout or an archive, wanted a repository on a registry`,
    {
      hint: 'Show what it holds with npx tekton-bundles list, or copy it to a registry first (npx tekton-bundles copy)',
    },
  );
}
