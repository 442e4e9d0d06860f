import { isBundlesError } from '../../errors.js';
import { parseReference, type Reference } from '../../oci/reference.js';
import { isTag } from '../../oci/repository-name.js';
import { type ConfigNode, report } from '../../yaml-file/config-node.js';
import { showText, writeText } from '../../yaml-file/show-text.js';
import { parseText } from './parse-scalar.js';

const variableHint = 'Variables are not expanded: pass --repository, --tag or --fallback';

/** `$TAG`, `${TAG}`, `$(TAG)`, `%TAG%`, `{{ TAG }}`: what a shell or a pipeline would have replaced. */
const variable = /\$[A-Za-z_({[]|\{\{|%[A-Za-z_]\w*%/;

/** A tag as registries accept it. */
export const tagRule = {
  wanted: 'a tag: letters, digits, "_", "." and "-", at most 128',
  pattern: { test: isTag },
  hint: (text: string): string | undefined => {
    if (variable.test(text)) return variableHint;
    const last = text.slice(text.lastIndexOf(':') + 1);
    if (/[:/]/.test(text) && isTag(last)) return `Write ${writeText(last)} alone`;
    const kept = text.trim().replaceAll(/[^A-Za-z0-9_.-]/g, '-');
    return /[+ ]/.test(text.trim()) && isTag(kept)
      ? `Write ${writeText(kept)}: a tag cannot contain + or spaces`
      : undefined;
  },
};

/** A registry host is distinguished from a first path component by its dot or port. */
const hostThenRest = /^(?:localhost|[^/]*[.:][^/]*)(?:\/(?<rest>.*))?$/s;

/** A repository with its registry: `quay.io/acme/bundles`; undefined where absent or reported. */
export function parseRepository(node: ConfigNode): string | undefined {
  const wanted = 'a registry and a repository, e.g. quay.io/acme/bundles';
  const text = parseText(node, { wanted, longest: 255 });
  if (text === undefined) return undefined;
  const rest = hostThenRest.exec(text)?.groups?.rest;
  if (rest !== undefined && isRepository(text)) return text;
  const host = text.replace(/\/+$/, '');
  const isHost = hostThenRest.test(host) && !host.includes('/') && isRepository(`${host}/bundle`);
  return refuse(node, text, wanted, isHost ? `Add a repository: ${host}/acme/bundles` : repositoryHint(text));
}

/** A registry, or a path on it, below which bundles can lie: `localhost:5000/mirror`. */
export function parseRegistryPath(node: ConfigNode, wanted: string): string | undefined {
  const text = parseText(node, { wanted, longest: 255 });
  if (text === undefined) return undefined;
  const known = hostThenRest.test(text) && isRepository(`${text}/bundle`);
  return known ? text : refuse(node, text, wanted, repositoryHint(text));
}

/** A whole reference: registry, repository and tag, no digest. */
export function parseTaggedReference(node: ConfigNode): (Reference & { readonly tag: string }) | undefined {
  const wanted = 'a registry, a repository and a tag, e.g. quay.io/acme/bundles/hello:v1.0.0';
  const text = parseText(node, { wanted, longest: 400 });
  if (text === undefined) return undefined;
  const reference = hostThenRest.test(text) ? tryParse(text) : undefined;
  if (reference === undefined || reference.digest !== undefined || !hasTag(reference))
    return refuse(node, text, wanted, referenceHint(text));
  return reference;
}

/** Where an image lives: a registry (`localhost` is none, and means this machine), a repository and perhaps a tag. */
export function parseImageReference(node: ConfigNode): Reference | undefined {
  const wanted = 'a registry and a repository, and perhaps a tag, e.g. quay.io/acme/service:v1.0.0';
  const text = parseText(node, { wanted, longest: 400 });
  if (text === undefined) return undefined;
  const reference = hostThenRest.test(text) ? tryParse(text) : undefined;
  if (reference === undefined || reference.digest !== undefined)
    return refuse(node, text, wanted, commonHint(text));
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

function refuse(node: ConfigNode, text: string, wanted: string, hint?: string): undefined {
  report(node, `found ${showText(text)}, wanted ${wanted}`, { hint });
  return undefined;
}

/** What is wrong with many addresses that people copy. */
function commonHint(text: string): string | undefined {
  const scheme = /^[a-z+-]+:\/\//i.exec(text)?.[0];
  if (scheme !== undefined) return `Leave out ${scheme}`;
  if (variable.test(text)) return variableHint;
  if (text.includes('@'))
    return text.includes('@sha256:') ? 'Leave out the digest: bundles.lock pins it' : undefined;
  const port = /^[^/]*:(?<port>\d+)(?:\/|$)/.exec(text)?.groups?.port;
  if (port !== undefined && Number(port) > 65535) return 'A port is a number from 1 to 65535';
  if (text !== text.toLowerCase() && tryParse(text.toLowerCase()))
    return 'Repositories are written in lower-case letters';
  if (text.endsWith('/')) return 'Leave out the / at its end';
  return /^[^/.:]+(?:\/|$)/.test(text)
    ? 'Begin with the host of the registry, e.g. quay.io/ or docker.io/'
    : undefined;
}

function repositoryHint(text: string): string | undefined {
  const tag = /^[^@]*\/[^@/:]+:(?<tag>[\w.-]{1,128})$/.exec(text)?.groups?.tag;
  if (tag === undefined || /^[a-z+-]+:\/\//i.test(text)) return commonHint(text);
  return `Leave out :${tag} and write tag: ${writeText(tag)}`;
}

function referenceHint(text: string): string | undefined {
  return commonHint(text) ?? (isRepository(text) ? `Add a tag: ${text}:v1.0.0` : undefined);
}
