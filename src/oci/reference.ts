import { BundlesError } from '../errors.js';
import { type Digest, isDigest } from './digest.js';
import { canonicalRegistry, dockerHub, isRegistryHost } from './registry-host.js';
import { isRepository, isTag } from './repository-name.js';

/** Where an image is: registry host, repository inside it, and a tag or a digest or both. */
export interface Reference {
  /** Host with an optional port; `docker.io` for Docker Hub under all its names. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** Decides what is read; a tag beside it is for people. */
  readonly digest?: Digest;
}

/**
 * Reads `[registry/]repository[:tag][@digest]` by the grammar of github.com/distribution/reference. Without a registry it is Docker Hub's,
 * as for docker. Nothing is added: `latest` is never implied. `parseReference(formatReference(x))` equals `x`.
 *
 * @throws REFERENCE_INVALID
 * @example
 * ```ts
 * import { parseReference } from 'tekton-bundles/registry';
 *
 * const { registry, repository, tag } = parseReference('quay.io/acme/hello:v1');
 * console.log(registry, repository, tag); // quay.io acme/hello v1
 * console.log(parseReference('alpine').repository); // library/alpine
 * ```
 */
export function parseReference(text: string): Reference {
  refuseCredentials(text);
  if (text.length === 0 || text.length > longest) throw invalid(text, lengthProblem(text));
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined) {
    throw invalid(text, `it starts with ${scheme}`, `Write it without ${scheme}`);
  }
  const stranger = /[^A-Za-z0-9._\-/:@[\]]/.exec(text);
  if (stranger) throw invalid(text, `${quote(stranger[0])} cannot be part of a reference`);

  const at = text.lastIndexOf('@');
  const digest = at < 0 ? undefined : readDigest(text, text.slice(at + 1));
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? readTag(text, named.slice(colon + 1)) : undefined;
  const name = readName(text, hasTag ? named.slice(0, colon) : named);
  return Object.freeze({
    ...name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  });
}

/**
 * Writes `registry/repository[:tag][@digest]`.
 *
 * @example
 * ```ts
 * import { formatReference } from 'tekton-bundles/registry';
 *
 * console.log(formatReference({ registry: 'quay.io', repository: 'acme/hello', tag: 'v1' })); // quay.io/acme/hello:v1
 * ```
 */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${referenceName(reference)}${tag}${digest}`;
}

/** `registry/repository`, without tag and digest. */
export function referenceName({ registry, repository }: Pick<Reference, 'registry' | 'repository'>): string {
  return `${registry}/${repository}`;
}

/** Longest text that can be right: host with port, path, tag, sha512 digest and the signs between them. */
const longest = 253 + 6 + 1 + 255 + 1 + 128 + 1 + 135;

function readName(text: string, name: string): Pick<Reference, 'registry' | 'repository'> {
  if (name === '') throw invalid(text, 'there is no repository in it');
  if (/^[a-f0-9]{64}$/.test(name)) {
    throw invalid(
      text,
      'it is a bare hexadecimal number',
      'To name content by digest write repository@sha256:…',
    );
  }
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first === 'localhost' || /[.:A-Z]/.test(first);
  if (!isHost) return { registry: dockerHub, repository: readRepository(text, onHub(name)) };
  if (!isRegistryHost(first))
    throw invalid(text, `${quote(first)} is not a registry host with an optional port`);
  const registry = canonicalRegistry(first);
  const path = name.slice(slash + 1);
  return { registry, repository: readRepository(text, registry === dockerHub ? onHub(path) : path) };
}

/** Docker Hub stores official images under `library/`, which users leave out. */
function onHub(path: string): string {
  return path.includes('/') || path === '' ? path : `library/${path}`;
}

function readRepository(text: string, path: string): string {
  if (isRepository(path)) return path;
  if (path.length > 255) throw invalid(text, 'its repository is longer than 255 characters');
  if (isRepository(path.toLowerCase())) {
    throw invalid(text, 'its repository has upper-case letters', `Write ${quote(path.toLowerCase())}`);
  }
  throw invalid(
    text,
    `${quote(path)} is not a repository`,
    'Each part between slashes is lower-case letters and digits, with single ".", "_", "__" or "-" between them',
  );
}

function readTag(text: string, tag: string): string {
  if (isTag(tag)) return tag;
  const problem = tag === '' ? 'the tag after ":" is missing' : `${quote(tag.slice(0, 140))} is not a tag`;
  throw invalid(
    text,
    problem,
    'A tag is at most 128 letters, digits, ".", "_" and "-", and does not start with "." or "-"',
  );
}

function readDigest(text: string, digest: string): Digest {
  if (isDigest(digest)) return digest;
  const problem = digest === '' ? 'the digest after "@" is missing' : `${quote(digest)} is not a digest`;
  throw invalid(text, problem, 'A digest is sha256: and 64 lower-case hexadecimal digits');
}

/** A password may precede an "@" that is followed by a path: such a text is never shown. */
function refuseCredentials(text: string): void {
  if (!/@.*\//s.test(text)) return;
  throw new BundlesError('REFERENCE_INVALID', 'Cannot read the reference: it has an "@" before a "/"', {
    hint: 'Do not write a user name or a password into a reference; store them with: podman login REGISTRY (or docker login)',
  });
}

function lengthProblem(text: string): string {
  return text === '' ? 'it is empty' : `it is longer than ${longest} characters`;
}

function invalid(text: string, problem: string, hint?: string): BundlesError {
  return new BundlesError('REFERENCE_INVALID', `Cannot read the reference ${quote(text)}: ${problem}`, {
    hint: hint ?? 'Write it as registry/repository:tag, e.g. quay.io/acme/hello-world:v1.0.0',
    details: { reference: text.slice(0, 200) },
  });
}

/** Quoted, cut, and with everything escaped that could act on a terminal. */
export function quote(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return JSON.stringify(cut).replace(
    /[^\x20-\x7e…]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
