import { BundlesError } from '../errors.js';
import { canonicalRegistry, isRegistryHost } from '../oci/registry-host.js';
import { isRepository } from '../oci/repository-name.js';
import { helperKey } from './credential-key.js';

/** A registry, or a namespace of one, that a user logs in to. */
export interface LoginName {
  /** One spelling for each registry, e.g. `docker.io`. */
  readonly registry: string;
  /** Empty for the whole registry. */
  readonly path: string;
  /** Under which credential files keep it. */
  readonly key: string;
}

/**
 * Reads `quay.io`, `localhost:5000`, `quay.io/org`, or any name of Docker Hub.
 *
 * @throws REFERENCE_INVALID
 */
export function parseLoginName(text: string): LoginName {
  const plain = text.replace(/^https:\/\/index\.docker\.io\/v1\/?$/, 'docker.io').replace(/\/$/, '');
  const [host = '', ...rest] = plain.split('/');
  const path = rest.join('/');
  const known = /[.:]/.test(host) || host.toLowerCase() === 'localhost';
  if (!known || !isRegistryHost(host) || (rest.length > 0 && !isRepository(path))) {
    const shown = JSON.stringify(text.replace(/\/\/[^/]*@/, '//***@').slice(0, 200));
    throw new BundlesError('REFERENCE_INVALID', `Cannot log in or out of ${shown}: it is not a registry`, {
      hint: 'Write its host, with a namespace where the credential is for that alone: quay.io, quay.io/acme',
    });
  }
  const registry = canonicalRegistry(host);
  return { registry, path, key: path === '' ? helperKey(registry) : `${registry}/${path}` };
}
