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
export function parseRepository(node: ConfigNode): string | undefined {
  const wanted = 'a registry and a repository, e.g. quay.io/acme/bundles';
  const text = parseText(node, { wanted, longest: 255 });
  if (text === undefined) return undefined;
  const rest = hostThenRest.exec(text)?.groups?.rest;
  return rest !== undefined && isRepository(text) ? text : refuse(node, text, wanted);
}

/** A registry, or a path on it, below which bundles can lie: `localhost:5000/mirror`. */
export function parseRegistryPath(node: ConfigNode, wanted: string): string | undefined {
  const text = parseText(node, { wanted, longest: 255 });
  if (text === undefined) return undefined;
  const known = hostThenRest.test(text) && isRepository(`${text}/bundle`);
  return known ? text : refuse(node, text, wanted);
}

/** A whole reference: registry, repository and tag, no digest. */
export function parseTaggedReference(node: ConfigNode): (Reference & { readonly tag: string }) | undefined {
  const wanted = 'a registry, a repository and a tag, e.g. quay.io/acme/bundles/hello:v1.0.0';
  const text = parseText(node, { wanted, longest: 400 });
  if (text === undefined) return undefined;
  const reference = hostThenRest.test(text) ? tryParse(text) : undefined;
  if (reference === undefined || reference.digest !== undefined || !hasTag(reference))
    return refuse(node, text, wanted);
  return reference;
}

/** Where an image lives: a registry (`localhost` is none, and means this machine), a repository and perhaps a tag. */
export function parseImageReference(node: ConfigNode): Reference | undefined {
  const wanted = 'a registry and a repository, and perhaps a tag, e.g. quay.io/acme/service:v1.0.0';
  const text = parseText(node, { wanted, longest: 400 });
  if (text === undefined) return undefined;
  const reference = hostThenRest.test(text) ? tryParse(text) : undefined;
  if (reference === undefined || reference.digest !== undefined) return refuse(node, text, wanted);
  return reference;
}

/** `repository:tag`; undefined where, reported at `node`, that is too long. */
export function bundleReference(
  node: ConfigNode,
  { repository, tag }: { repository: string; tag: string },
): (Reference & { readonly tag: string }) | undefined {
  const text = `${repository}:${tag}`;
  const reference = tryParse(text);
  if (reference !== undefined && hasTag(reference)) return reference;
  return refuse(node, text, 'a repository of at most 255 characters');
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

function refuse(node: ConfigNode, text: string, wanted: string): undefined {
  report(node, `found ${showText(text)}, wanted ${wanted}`);
  return undefined;
}
