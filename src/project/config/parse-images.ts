import { formatReference, type Reference } from '../../oci/reference.js';
import {
  type ConfigNode,
  listAt,
  mappingAt,
  recordAt,
  report,
  requireAt,
} from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import { isBundleName } from './bundle-name.js';
import { parsePath } from './parse-path.js';
import { parseImageReference } from './parse-reference-field.js';
import { parseText } from './parse-scalar.js';

/** A declared service image: what it is built from, and where it lives. */
export interface ImageSpec {
  readonly name: string;
  /** Its repository, and the tag that it gets beside the one of its key, where one is declared. */
  readonly reference: Reference;
  /** The directory it is built from, relative to the project's directory, with `/`. */
  readonly context: string;
  /** Relative to the project's directory; undefined: `Containerfile`, else `Dockerfile`, in the context. */
  readonly containerfile: string | undefined;
  /** The stage to build, by its name or number; undefined: the last. */
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  /** Sorted, each `os/architecture` with an optional variant; empty: that of the engine. */
  readonly platforms: readonly string[];
}

const keys = ['reference', 'context', 'containerfile', 'target', 'args', 'platforms'] as const;
const hints = {
  dockerfile: 'Write containerfile: it names a Dockerfile as well',
  tag: 'Write it into reference:, e.g. quay.io/acme/service:v1.0.0',
  stage: 'Write target:',
  platform: 'Write platforms: [linux/amd64]',
  buildArgs: 'Write args:',
};

const argumentName = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const targetRule = {
  wanted: 'the name of a build stage (FROM … AS NAME)',
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  longest: 100,
};
const platformRule = {
  wanted: 'a platform, e.g. linux/amd64 or linux/arm/v7',
  pattern: /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/,
  longest: 60,
};

/** The declared images, sorted by name; default: none. */
export function parseImages(node: ConfigNode): readonly ImageSpec[] {
  const images: ImageSpec[] = [];
  const seen = new Map<string, string>();
  for (const [name, child] of [...(mappingAt(node) ?? [])].sort(([left], [right]) =>
    left < right ? -1 : 1,
  )) {
    const image = imageAt(child, name);
    if (image === undefined) continue;
    const { registry, repository } = image.reference;
    const shown = formatReference({ registry, repository });
    const other = seen.get(shown);
    if (other === undefined) seen.set(shown, name);
    else report(child, `${showText(name)} and ${showText(other)} both declare ${shown}`, { at: 'key' });
    images.push(image);
  }
  return images;
}

function imageAt(node: ConfigNode, name: string): ImageSpec | undefined {
  if (!isBundleName(name)) {
    const wanted = 'wanted lower-case letters and digits with ".", "_" or "-" between them, at most 100';
    report(node, `found the image name ${showText(name)}, ${wanted}`, { at: 'key' });
    return undefined;
  }
  const nodes = recordAt(node, keys, hints);
  if (mappingAt({ ...node, problems: [] }) === undefined) return undefined;
  requireAt(nodes.reference, 'where the image lives, e.g. quay.io/acme/service');
  requireAt(nodes.context, 'the directory it is built from, e.g. "."');
  const reference = parseImageReference(nodes.reference);
  const context = parsePath(nodes.context, 'a directory');
  const containerfile = parsePath(nodes.containerfile, 'a Containerfile');
  const target = parseText(nodes.target, targetRule);
  const args = argumentsAt(nodes.args);
  const platforms = platformsAt(nodes.platforms);
  if (reference === undefined || context === undefined) return undefined;
  return { name, reference, context, containerfile, target, args, platforms };
}

function argumentsAt(node: ConfigNode): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  for (const [key, child] of mappingAt(node) ?? []) {
    if (!argumentName.test(key)) {
      const wanted = 'wanted letters, digits and "_", not a digit first';
      report(child, `found the build argument ${showText(key)}, ${wanted}`, { at: 'key' });
    }
    const value = parseText(child, { wanted: 'text', longest: 10_000, mayBeEmpty: true });
    if (value !== undefined) found.push([key, value]);
  }
  found.sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(found);
}

function platformsAt(node: ConfigNode): readonly string[] {
  const platforms: string[] = [];
  for (const item of listAt(node) ?? []) {
    const platform = parseText(item, platformRule);
    if (platform === undefined) continue;
    if (platforms.includes(platform))
      report(item, `found ${showText(platform)} twice, wanted each platform once`);
    else platforms.push(platform);
  }
  return platforms.sort();
}
