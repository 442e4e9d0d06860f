import type { Digest } from '../../oci/digest.js';
import { referenceName } from '../../oci/reference.js';

export interface PackageUrlParts {
  /** Undefined where only the content is known, not where it is stored. */
  readonly repository: { readonly registry: string; readonly repository: string } | undefined;
  /** Represents the last part of the repository where there is none. */
  readonly name: string;
  readonly digest: Digest | undefined;
  readonly tag: string | undefined;
}

/**
 * The canonical package URL of an image by the rules of its type `oci`: `pkg:oci/hello@sha256%3A…?repository_url=…`.
 * Without a digest it has no version, so that scanners see that it is not pinned.
 *
 * @see https://github.com/package-url/purl-spec
 */
export function packageUrl({ repository, name, digest, tag }: PackageUrlParts): string {
  const last = repository ? repository.repository.slice(repository.repository.lastIndexOf('/') + 1) : name;
  const qualifiers = [
    ...(repository ? [`repository_url=${encode(referenceName(repository))}`] : []),
    ...(tag === undefined ? [] : [`tag=${encode(tag)}`]),
  ];
  const version = digest === undefined ? '' : `@${encode(digest)}`;
  const query = qualifiers.length === 0 ? '' : `?${qualifiers.join('&')}`;
  return `pkg:oci/${encode(last.toLowerCase())}${version}${query}`;
}

/** What encodeURIComponent leaves as it is, package URLs encode. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
