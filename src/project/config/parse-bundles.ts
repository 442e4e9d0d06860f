import { formatReference, type Reference } from '../../oci/reference.js';
import { type ConfigNode, mappingAt, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText, showValue, writeText } from '../../yaml-file/show-text.js';
import type { Discovered, DiscoveredBundle } from '../discover/discover-bundles.js';
import type { BundleSpec } from '../project.js';
import { isBundleName } from './bundle-name.js';
import { parseFiles } from './parse-path.js';
import { bundleReference, parseRepository, parseTaggedReference, tagRule } from './parse-reference-field.js';
import { parseBoolean, parseText } from './parse-scalar.js';
import { parseWorkflow, type WorkflowRules } from './parse-workflow.js';

const keys = [
  ...(['files', 'reference', 'repository', 'tag', 'annotations', 'labels', 'pin', 'workflow'] as const),
] as const;

/** Keys that people look for in a bundle and that belong elsewhere, or have another name. */
const hints: Readonly<Record<string, string>> = {
  '<<': 'Merge keys are not supported; write the values out or use a plain alias',
  ...Object.fromEntries(['file', 'path', 'source', 'sources'].map((key) => [key, 'Write files: [PATH]'])),
  image: 'Write reference: REGISTRY/REPOSITORY:TAG',
  registry: 'Write repository: the registry and the repository together',
  name: 'The key of the bundle is its name',
  version: 'Write tag, or workflow: {version: …} for the version of the workflow',
  ...Object.fromEntries(
    [
      'moving',
      'publish',
      'fallback',
      'schemas',
      'catalog',
      'audit',
      'registries',
      'discover',
      'bundles',
      'workflows',
      'lint',
    ].map((key) => [
      key,
      'It belongs at the top of the file and applies to all bundles; check the indentation',
    ]),
  ),
};

function looksLikeBundle(value: unknown): boolean {
  return typeof value === 'object' && value !== null && keys.some((key) => Object.hasOwn(value, key));
}

function bundleHint(value: unknown): string | undefined {
  if (typeof value === 'string') return `Write {files: [${writeText(value)}]}`;
  if (!Array.isArray(value)) return 'Write files: [PATH] below it, indented';
  const texts = value.filter((item) => typeof item === 'string');
  return texts.length === value.length && texts.length > 0
    ? `Write {files: [${texts.slice(0, 5).map(writeText).join(', ')}]}`
    : undefined;
}

export interface BundleDefaults extends Pick<WorkflowRules, 'format' | 'actionTypes'> {
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly pin: boolean;
  /** The file may leave `bundles` out. */
  readonly mayBeNone: boolean;
  /** Overrides what the file states of a bundle's own reference too. */
  readonly override: { readonly repository?: string | undefined; readonly tag?: string | undefined };
}

/** The bundles of a project, declared and discovered, sorted by name. */
export function parseBundles(
  node: ConfigNode,
  defaults: BundleDefaults,
  discovered?: Discovered,
): readonly BundleSpec[] {
  const wanted = 'a mapping of at least one bundle by its name';
  if (discovered === undefined && !defaults.mayBeNone) requireAt(node, wanted);
  const children = mappingAt(node);
  if (children?.size === 0 && discovered === undefined) report(node, `found none, wanted ${wanted}`);
  const bundles: BundleSpec[] = [];
  const references = new Map<string, string>();
  const workflows = new Map<string, string>();
  const names = new Set([...(children?.keys() ?? []), ...(discovered?.bundles.keys() ?? [])]);
  for (const name of [...names].sort()) {
    const found = discovered?.bundles.get(name);
    const child = children?.get(name) ?? (found && { ...found.node, value: {} });
    if (child === undefined) continue;
    const bundle = bundleAt(child, { name, defaults, discovered, found });
    if (bundle === undefined) continue;
    bundles.push(bundle);
    reportTwin(child, {
      name,
      seen: references,
      subject: `the reference ${formatReference(bundle.reference)}`,
    });
    const { workflow } = bundle;
    if (workflow === undefined) continue;
    reportTwin(child, {
      name,
      seen: workflows,
      subject: `the workflow ${workflow.id} in version ${workflow.version}`,
    });
  }
  return bundles;
}

interface BundleContext {
  readonly name: string;
  readonly defaults: BundleDefaults;
  /** Undefined where the project discovers nothing. */
  readonly discovered: Discovered | undefined;
  /** What `discover` states of this bundle. */
  readonly found: DiscoveredBundle | undefined;
}

function bundleAt(node: ConfigNode, context: BundleContext): BundleSpec | undefined {
  const { name, defaults, discovered, found } = context;
  if (!isBundleName(name)) {
    const wanted = 'wanted lower-case letters and digits with ".", "_" or "-" between them, at most 100';
    const close = name
      .slice(0, 200)
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, '-')
      .replaceAll(/[._-]*-[._-]*/g, '-')
      .replaceAll(/^[._-]+|[._-]+$/g, '');
    const hint = isBundleName(close) ? `Write ${close}` : undefined;
    report(node, `found the bundle name ${showText(name)}, ${wanted}`, { at: 'key', hint });
    return undefined;
  }
  if (keys.some((key) => key === name) && !looksLikeBundle(node.value)) {
    report(node, `found ${showText(name)} where the name of a bundle is expected`, {
      at: 'key',
      hint: `Indent ${name} below the name of its bundle`,
    });
    return undefined;
  }
  if (typeof node.value === 'string' || node.value === null || Array.isArray(node.value)) {
    report(node, `found ${showValue(node.value)}, wanted a mapping with files`, {
      hint: bundleHint(node.value),
    });
    return undefined;
  }
  const nodes = recordAt(node, keys, hints);
  if (mappingAt({ ...node, problems: [] }) === undefined) return undefined;
  if (discovered !== undefined && found === undefined && nodes.files.value === undefined) {
    if (!discovered.isWhole) return undefined;
    const close = nearest(name, discovered.bundles.keys());
    const hint = close ? `Did you mean ${showText(close)}?` : 'Give it files, or remove the entry';
    report(node, 'no path of discover gives this bundle, and it has no files', { at: 'key', hint });
    return undefined;
  }
  const reference = referenceOf(nodes, context);
  const files = found && nodes.files.value === undefined ? [found.match.path] : parseFiles(nodes.files);
  const annotations = parseTexts(nodes.annotations, found?.annotations);
  const labels = parseTexts(nodes.labels, found?.labels);
  const pin = parseBoolean(nodes.pin) ?? defaults.pin;
  const workflow = parseWorkflow(nodes.workflow, { ...defaults, tag: reference?.tag ?? defaults.tag });
  if (reference === undefined) return undefined;
  return { name, reference, files, annotations, labels, pin, workflow, discovered: found?.match };
}

type ReferenceNodes = Readonly<Record<'reference' | 'repository' | 'tag', ConfigNode>>;

/**
 * What the run gives, else what the bundle states (whole, or its repository and its tag), else what `discover` states, else
 * what the project states.
 */
function referenceOf(
  nodes: ReferenceNodes,
  { name, defaults, found }: BundleContext,
): (Reference & { readonly tag: string }) | undefined {
  const { override } = defaults;
  const whole = parseTaggedReference(nodes.reference);
  const ownRepository = parseRepository(nodes.repository);
  const ownTag = parseText(nodes.tag, tagRule);
  if (whole !== undefined) refuseBeside(nodes);
  const failed = (['reference', 'repository', 'tag'] as const).some(
    (key) =>
      nodes[key].value !== undefined &&
      { reference: whole, repository: ownRepository, tag: ownTag }[key] === undefined,
  );
  if (failed) return undefined;
  const tag = override.tag ?? whole?.tag ?? ownTag ?? found?.tag ?? defaults.tag;
  if (override.repository === undefined && whole !== undefined)
    return tag === undefined ? whole : { ...whole, tag };
  const own = ownRepository ?? found?.repository;
  const repository =
    override.repository === undefined && own !== undefined
      ? own
      : defaults.repository && `${defaults.repository}/${name}`;
  if (repository === undefined || tag === undefined) return undefined;
  return bundleReference(nodes.reference, { repository, tag });
}

function refuseBeside(nodes: ReferenceNodes): void {
  for (const key of ['repository', 'tag'] as const)
    if (nodes[key].value !== undefined)
      report(nodes[key], `found ${key} beside reference, wanted one of them`, { at: 'key' });
}

function parseTexts(
  node: ConfigNode,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const texts = new Map(Object.entries(before));
  for (const [key, child] of mappingAt(node) ?? []) {
    if (key.trim() === '') report(child, 'found an empty key, wanted text', { at: 'key' });
    const value = parseText(child, { wanted: 'text', longest: 65_536, mayBeEmpty: true });
    if (value !== undefined) texts.set(key, value);
  }
  return Object.fromEntries([...texts].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function reportTwin(
  node: ConfigNode,
  { name, seen, subject }: { name: string; seen: Map<string, string>; subject: string },
): void {
  const other = seen.get(subject);
  if (other === undefined) seen.set(subject, name);
  else report(node, `${showText(name)} and ${showText(other)} both declare ${subject}`, { at: 'key' });
}
