import { isBundlesError } from '../../errors.js';
import { parseReference, type Reference } from '../../oci/reference.js';
import { isTag } from '../../oci/repository-name.js';
import { type ConfigNode, report } from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import { parseText } from './parse-scalar.js';

/** A tag as registries accept it. */
export const tagRule = {
  wanted: 'a tag: letters, digits, "_", "." and "-", at most 128',
  pattern: { test: isTag },
};

/** A registry host is told from a first path component by its dot or port. */
const hostThenRest = /^(?:localhost|[^/]*[.:][^/]*)(?:\/(?<rest>.*))?$/s;

/** A repository with its registry: `quay.io/acme/bundles`; undefined where absent or reported. */
export function parseRepository(place: ConfigNode): string | undefined {
  const wanted = 'a registry and a repository, e.g. quay.io/acme/bundles';
  const text = parseText(place, { wanted, longest: 255 });
  if (text === undefined) return undefined;
  const rest = hostThenRest.exec(text)?.groups?.rest;
  return rest !== undefined && isRepository(text) ? text : refuse(place, text, wanted);
}

/** A registry, or a path on it, below which bundles can lie: `localhost:5000/mirror`. */
export function parseRegistryPath(place: ConfigNode, wanted: string): string | undefined {
  const text = parseText(place, { wanted, longest: 255 });
  if (text === undefined) return undefined;
  const known = hostThenRest.test(text) && isRepository(`${text}/bundle`);
  return known ? text : refuse(place, text, wanted);
}

/** A whole reference: registry, repository and tag, no digest. */
export function parseTaggedReference(place: ConfigNode): (Reference & { readonly tag: string }) | undefined {
  const wanted = 'a registry, a repository and a tag, e.g. quay.io/acme/bundles/hello:v1.0.0';
  const text = parseText(place, { wanted, longest: 400 });
  if (text === undefined) return undefined;
  const reference = hostThenRest.test(text) ? tryParse(text) : undefined;
  if (reference === undefined || reference.digest !== undefined || !hasTag(reference))
    return refuse(place, text, wanted);
  return reference;
}

/** Where an image lives: a registry (`localhost` is none, and means this machine), a repository and perhaps a tag. */
export function parseImageReference(place: ConfigNode): Reference | undefined {
  const wanted = 'a registry and a repository, and perhaps a tag, e.g. quay.io/acme/service:v1.0.0';
  const text = parseText(place, { wanted, longest: 400 });
  if (text === undefined) return undefined;
  const reference = hostThenRest.test(text) ? tryParse(text) : undefined;
  if (reference === undefined || reference.digest !== undefined) return refuse(place, text, wanted);
  return reference;
}

/** `repository/name:tag`; undefined where, reported at `place`, that is too long. */
export function bundleReference(
  place: ConfigNode,
  { repository, name, tag }: { repository: string; name: string; tag: string },
): (Reference & { readonly tag: string }) | undefined {
  const text = `${repository}/${name}:${tag}`;
  const reference = tryParse(text);
  if (reference !== undefined && hasTag(reference)) return reference;
  return refuse(place, text, 'a repository of at most 255 characters');
}

function isRepository(text: string): boolean {
  const reference = tryParse(`${text}:tag`);
  return reference?.tag === 'tag' && reference.digest === undefined;
}

function hasTag(reference: Reference): reference is Reference & { readonly tag: string } {
  return reference.tag !== undefined;
}

function tryParse(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (isBundlesError(error, 'REFERENCE_INVALID')) return undefined;
    throw error;
  }
}

function refuse(place: ConfigNode, text: string, wanted: string): undefined {
  report(place, `found ${showText(text)}, wanted ${wanted}`);
  return undefined;
}
