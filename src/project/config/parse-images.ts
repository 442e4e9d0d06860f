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
import { parseImageReference, parseRepository } from './parse-reference-field.js';
import { parseNumber, parseText, type TextRule } from './parse-scalar.js';

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
  /** Ids of secrets that RUN may mount; each run names where they come from. */
  readonly secrets: readonly string[];
  /** Repositories with layers of earlier builds, and for those of this one. */
  readonly cacheFrom: string | undefined;
  readonly cacheTo: string | undefined;
  /** What a step of the build may use at most. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
}

const keys = [
  'reference',
  'context',
  'containerfile',
  'target',
  'args',
  'platforms',
  'secrets',
  'cacheFrom',
  'cacheTo',
  'cpus',
  'memory',
] as const;
const hints = {
  dockerfile: 'Write containerfile: it works for a Dockerfile too',
  tag: 'Write it into reference:, e.g. quay.io/acme/service:v1.0.0',
  stage: 'Write target:',
  platform: 'Write platforms: [linux/amd64]',
  buildArgs: 'Write args:',
  secret: 'Write secrets: [ID], and name its source with --secret id=ID,src=FILE',
  cache: 'Write cacheFrom: or cacheTo:',
  cpu: 'Write cpus:',
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

const secretRule = {
  wanted: 'the id of a secret: letters, digits, "_", "." and "-", at most 100',
  pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/,
  longest: 100,
};
const memoryRule = {
  wanted: 'a size, e.g. 4GiB or 512MiB',
  pattern: /^[1-9][0-9]{0,11}(?:[KMGT](?:iB)?)?$/,
  longest: 20,
};
const mostCpus = 4096;

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
  const platforms = distinctAt(nodes.platforms, platformRule, 'each platform');
  const secrets = distinctAt(nodes.secrets, secretRule, 'each secret');
  const cacheFrom = parseRepository(nodes.cacheFrom);
  const cacheTo = parseRepository(nodes.cacheTo);
  if (platforms.length > 1)
    for (const cache of [nodes.cacheFrom, nodes.cacheTo])
      if (cache.value !== undefined)
        report(cache, 'found a cache and several platforms, wanted one of them', {
          hint: 'Builds for several platforms use no cached layers: remove this key',
        });
  const cpus = cpusAt(nodes.cpus);
  const memory = parseText(nodes.memory, memoryRule);
  const memoryBytes = memory === undefined ? undefined : bytesOf(memory);
  if (reference === undefined || context === undefined) return undefined;
  const limits = { cpus, memoryBytes };
  const sources = { context, containerfile, target, args, secrets };
  return { name, reference, platforms, cacheFrom, cacheTo, ...sources, ...limits };
}

function cpusAt(node: ConfigNode): number | undefined {
  const cpus = parseNumber(node);
  if (cpus === undefined || (cpus >= 0.01 && cpus <= mostCpus)) return cpus;
  report(node, `found ${cpus}, wanted a number of processors from 0.01 to ${mostCpus}`);
  return undefined;
}

function bytesOf(text: string): number {
  const unit = /[KMGT]/.exec(text)?.[0] ?? '';
  return Number.parseInt(text, 10) * 1024 ** ' KMGT'.indexOf(unit || ' ');
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

/** The texts of a list, sorted; one that is there twice is reported. */
function distinctAt(node: ConfigNode, rule: TextRule, each: string): readonly string[] {
  const found: string[] = [];
  for (const item of listAt(node) ?? []) {
    const text = parseText(item, rule);
    if (text === undefined) continue;
    if (found.includes(text)) report(item, `found ${showText(text)} twice, wanted ${each} once`);
    else found.push(text);
  }
  return found.sort();
}
