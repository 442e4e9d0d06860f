import type { Reference } from '../../oci/reference.js';
import { writeDocument } from '../../workflow/write-document.js';
import type { PublicKey } from '../keys/public-key.js';

/**
 * The VerificationPolicy with which a cluster demands signatures by a key for everything from these repositories. Apply
 * it in the namespace of the runs.
 *
 * @example
 * ```ts
 * import { createKeyPair, readPublicKey, verificationPolicy } from 'tekton-bundles/signing';
 *
 * const { publicPem } = await createKeyPair('password');
 * const key = readPublicKey(new TextEncoder().encode(publicPem), 'cosign.pub');
 * const policy = verificationPolicy([{ registry: 'quay.io', repository: 'acme/hello' }], key);
 * console.log(JSON.parse(JSON.stringify(policy)).kind); // VerificationPolicy
 * ```
 */
export function verificationPolicy(
  repositories: readonly Pick<Reference, 'registry' | 'repository'>[],
  { pem, fingerprint }: Pick<PublicKey, 'pem' | 'fingerprint'>,
): object {
  const patterns = new Set(repositories.map((one) => `^${escapePattern(sourceName(one))}$`));
  const name = `bundles-${fingerprint.slice('sha256:'.length, 'sha256:'.length + 12)}`;
  return {
    apiVersion: 'tekton.dev/v1alpha1',
    kind: 'VerificationPolicy',
    metadata: { name },
    spec: {
      resources: [...patterns].sort().map((pattern) => ({ pattern })),
      authorities: [{ name, key: { data: pem, hashAlgorithm: 'sha256' } }],
      mode: 'enforce',
    },
  };
}

/**
 * Writes a VerificationPolicy as YAML.
 *
 * @example
 * ```ts
 * import { createKeyPair, formatVerificationPolicy, readPublicKey, verificationPolicy } from 'tekton-bundles/signing';
 *
 * const { publicPem } = await createKeyPair('password');
 * const key = readPublicKey(new TextEncoder().encode(publicPem), 'cosign.pub');
 * const yaml = formatVerificationPolicy(verificationPolicy([{ registry: 'quay.io', repository: 'acme/hello' }], key));
 * console.log(yaml.includes('kind: VerificationPolicy')); // true
 * ```
 */
export function formatVerificationPolicy(policy: object): string {
  return writeDocument(policy as Readonly<Record<string, unknown>>, {
    header:
      '# Clusters with this policy run only what this key has signed; apply it in the namespace of the runs',
  });
}

/** As the bundles resolver names the repository of a bundle. */
function sourceName({ registry, repository }: Pick<Reference, 'registry' | 'repository'>): string {
  return `${registry === 'docker.io' ? 'index.docker.io' : registry}/${repository}`;
}

/** For Go's regular expressions. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
