import { createHash } from 'node:crypto';
import type { ContextEntry } from './build-context.js';

export interface ImageKeyParts {
  readonly containerfile: string;
  readonly entries: readonly ContextEntry[];
  readonly args: Readonly<Record<string, string>>;
  /** At least one. */
  readonly platforms: readonly string[];
  /** By what the Containerfile writes: the digest, or the id of an image that this machine alone has. */
  readonly bases: ReadonlyMap<string, string>;
  /** The stage that is built, where it is not simply the last. */
  readonly target?: string | undefined;
}

/**
 * What an image is built from, as 64 hexadecimal digits: the sha256 of a UTF-8 text of these lines, each ended by a
 * line feed, names and values as JSON strings, sorted within each kind:
 *
 *     bundles image 1
 *     containerfile SHA256
 *     file SHA256 PATH          executable SHA256 PATH        link TARGET PATH        directory PATH
 *     argument NAME VALUE
 *     platform PLATFORM
 *     target STAGE                      where one is declared
 *     base IMAGE DIGEST
 *
 * A byte of a path that is not UTF-8 is the escape \\udcXX of its hexadecimal digits. Owners, times and permissions (but for the one to execute) are not part of it: they differ between two checkouts.
 */
export function imageKey({ containerfile, entries, args, platforms, bases, target }: ImageKeyParts): string {
  const lines = [
    'bundles image 1',
    `containerfile ${sha256(containerfile)}`,
    ...entries.map(entryLine),
    ...sorted(Object.entries(args)).map(([name, value]) => `argument ${text(name)} ${text(value)}`),
    ...[...platforms].sort().map((platform) => `platform ${text(platform)}`),
    ...(target === undefined ? [] : [`target ${text(target)}`]),
    ...sorted([...bases]).map(([image, digest]) => `base ${text(image)} ${digest}`),
  ];
  return sha256(`${lines.join('\n')}\n`);
}

/** The tag under which an image of this key is found, by whomever it was built. */
export function keyTag(key: string): string {
  return `key-${key.slice(0, 32)}`;
}

/** Labels of every image that is built here. */
export const keyLabel = 'io.tekton-bundles.image.key';
export const repositoryLabel = 'io.tekton-bundles.image.repository';
/** The declared tag, and who shares the place where it was built: for `images prune --host`. */
export const tagLabel = 'io.tekton-bundles.image.tag';
export const scopeLabel = 'io.tekton-bundles.image.scope';

function entryLine(entry: ContextEntry): string {
  if (entry.kind === 'link') return `link ${text(entry.target)} ${text(entry.path)}`;
  if (entry.kind === 'directory') return `directory ${text(entry.path)}`;
  return `${entry.executable ? 'executable' : 'file'} ${entry.sha256} ${text(entry.path)}`;
}

function sorted(pairs: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return [...pairs].sort(([left], [right]) => (left < right ? -1 : 1));
}

const text = (value: string) => JSON.stringify(value);

const sha256 = (value: string) => createHash('sha256').update(value, 'utf8').digest('hex');
