import { formatReference, type Reference } from '../../oci/reference.js';
import { type ConfigNode, mappingAt, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import type { BundleSpec } from '../project.js';
import { isBundleName } from './bundle-name.js';
import { parseFiles } from './parse-path.js';
import { bundleReference, parseTaggedReference } from './parse-reference-field.js';
import { parseBoolean, parseText } from './parse-scalar.js';
import { parseWorkflow, type WorkflowRules } from './parse-workflow.js';

const keys = ['files', 'reference', 'annotations', 'labels', 'pin', 'workflow'] as const;

export interface BundleDefaults extends Pick<WorkflowRules, 'format' | 'actionTypes'> {
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly pin: boolean;
  /** Stands over what the file says of a bundle's own reference too. */
  readonly override: { readonly repository?: string | undefined; readonly tag?: string | undefined };
}

/** The declared bundles, sorted by name. */
export function parseBundles(place: ConfigNode, defaults: BundleDefaults): readonly BundleSpec[] {
  const wanted = 'a mapping of at least one bundle by its name';
  requireAt(place, wanted);
  const children = mappingAt(place);
  if (children?.size === 0) report(place, `found none, wanted ${wanted}`);
  const bundles: BundleSpec[] = [];
  const references = new Map<string, string>();
  const workflows = new Map<string, string>();
  for (const [name, child] of [...(children ?? [])].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const bundle = bundleAt(child, { name, defaults });
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

function bundleAt(
  place: ConfigNode,
  { name, defaults }: { name: string; defaults: BundleDefaults },
): BundleSpec | undefined {
  if (!isBundleName(name)) {
    const wanted = 'wanted lower-case letters and digits with ".", "_" or "-" between them, at most 100';
    report(place, `found the bundle name ${showText(name)}, ${wanted}`, { at: 'key' });
    return undefined;
  }
  const places = recordAt(place, keys);
  if (mappingAt({ ...place, problems: [] }) === undefined) return undefined;
  const reference = referenceOf(places.reference, { name, defaults });
  const files = parseFiles(places.files);
  const annotations = parseTexts(places.annotations);
  const labels = parseTexts(places.labels);
  const pin = parseBoolean(places.pin) ?? defaults.pin;
  const workflow = parseWorkflow(places.workflow, { ...defaults, tag: reference?.tag ?? defaults.tag });
  if (reference === undefined) return undefined;
  return { name, reference, files, annotations, labels, pin, workflow };
}

function referenceOf(
  place: ConfigNode,
  { name, defaults }: { name: string; defaults: BundleDefaults },
): (Reference & { readonly tag: string }) | undefined {
  const { override } = defaults;
  const own = parseTaggedReference(place);
  if (place.value !== undefined && own === undefined) return undefined;
  const tag = override.tag ?? own?.tag ?? defaults.tag;
  if (own !== undefined && override.repository === undefined)
    return tag === undefined ? own : { ...own, tag };
  if (defaults.repository === undefined || tag === undefined) return undefined;
  return bundleReference(place, { repository: defaults.repository, name, tag });
}

function parseTexts(place: ConfigNode): Readonly<Record<string, string>> {
  const texts: [string, string][] = [];
  for (const [key, child] of mappingAt(place) ?? []) {
    if (key.trim() === '') report(child, 'found an empty key, wanted text', { at: 'key' });
    const value = parseText(child, { wanted: 'text', longest: 65_536, mayBeEmpty: true });
    if (value !== undefined) texts.push([key, value]);
  }
  texts.sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(texts);
}

function reportTwin(
  place: ConfigNode,
  { name, seen, subject }: { name: string; seen: Map<string, string>; subject: string },
): void {
  const other = seen.get(subject);
  if (other === undefined) seen.set(subject, name);
  else report(place, `${showText(name)} and ${showText(other)} both declare ${subject}`, { at: 'key' });
}
