import { BundlesError } from '../../errors.js';
import { actionTypeObjectName } from '../../workflow/action-type.js';
import type { ActionTypeDeclaration } from '../../workflow/declaration.js';
import { schemaFormats } from '../../workflow/schema-document.js';
import {
  type ConfigNode,
  listAt,
  mappingAt,
  type Problem,
  recordAt,
  report,
  requireAt,
} from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import type { Discovered } from '../discover/discover-bundles.js';
import {
  type BundleSpec,
  type Fallback,
  type Project,
  type ProjectOverrides,
  publishChoices,
  type SchemaSettings,
} from '../project.js';
import { parseBundles } from './parse-bundles.js';
import { declaredOr, hasAuditTrail, parseAudit, parseCatalog } from './parse-catalog.js';
import { parseParts } from './parse-description.js';
import { parsePath } from './parse-path.js';
import type { parseRare, RareSections } from './parse-rare.js';
import { parseRegistryPath, parseRepository, tagRule } from './parse-reference-field.js';
import { refuseFlat } from './parse-remediation.js';
import { parseBoolean, parseChoice, parseText } from './parse-scalar.js';

/** What people write for the choices of `publish`. */
const publishWords = { true: 'auto', yes: 'auto', always: 'auto', false: 'never', no: 'never' } as const;

const registryWanted = 'embedded, none, or a registry with an optional path, e.g. localhost:5000/mirror';

const noRareSections: RareSections = {
  lint: { apiFields: 'beta', features: [], ignore: [], for: [], severities: {} },
  images: [],
  signing: { storage: 'referrer', annotations: {} },
  registries: new Map(),
  workflows: [],
};

interface ActionTypes {
  /** Those whose documents the project writes, sorted by name. */
  readonly declared: readonly ActionTypeDeclaration[];
  /** The names that workflows may use: those described here, and those listed as existing. */
  readonly names: ReadonlySet<string>;
}

const wanted = 'a mapping with what and whenToUse, or the word existing';

const keys = [
  'version',
  'repository',
  'tag',
  'moving',
  'publish',
  'pin',
  'fallback',
  'schemas',
  'actionTypes',
  'catalog',
  'audit',
  'registries',
  'discover',
  'bundles',
  'images',
  'lint',
  'signing',
  'workflows',
] as const;

const hints = {
  '<<': 'Merge keys are not supported; write the values out or use a plain alias',
  registry:
    'Write repository: the registry and the repository together; registries: sets how hosts are reached',
  repo: 'Write repository',
  push: 'Write publish: auto, ci or never',
  ...Object.fromEntries(
    ['files', 'reference', 'annotations', 'labels', 'workflow'].map((key) => [
      key,
      `It belongs to a bundle: bundles: {NAME: {${key}: …}}; check the indentation`,
    ]),
  ),
};

export interface ParseRequest {
  readonly file: string;
  readonly directory: string;
  readonly overrides: ProjectOverrides;
  /** What `discover` found; undefined where the file has no such key. */
  readonly discovered?: Discovered | undefined;
  /** Reads the sections that few files have; undefined where the file has none of them. */
  readonly parseRare?: typeof parseRare | undefined;
}

/** A whole project file; what is wrong lands in the node's problems. Wrong overrides throw at once. */
export function parseProjectNode(root: ConfigNode, request: ParseRequest): Project {
  const { file, directory, overrides, discovered } = request;
  const nodes = recordAt(root, keys, hints);
  versionAt(root, nodes.version);
  const override = {
    repository: overridden('repository', overrides.repository, parseRepository),
    tag: overridden('tag', overrides.tag, (node) => parseText(node, tagRule)),
  };
  const repository = override.repository ?? parseRepository(nodes.repository);
  const tag = override.tag ?? parseText(nodes.tag, tagRule);
  const moving = parseMoving(nodes.moving);
  const schemas = parseSchemas(nodes.schemas);
  const format = schemas.format === 'none' ? 'workflow-schema' : schemas.format;
  if (format === 'workflow-schema') refuseFlat(nodes.actionTypes);
  const actionTypes = parseActionTypes(nodes.actionTypes);
  // Workflows of images and playbooks alone need no bundle.
  const mayBeNone = nodes.workflows.value !== undefined && nodes.bundles.value === undefined;
  const bundles = parseBundles(
    nodes.bundles,
    {
      repository,
      tag,
      override,
      format,
      pin: parseBoolean(nodes.pin) ?? false,
      actionTypes: actionTypes.names,
      mayBeNone,
    },
    discovered,
  );
  const isMissing = (key: 'repository' | 'tag') =>
    (!mayBeNone || discovered !== undefined) &&
    nodes[key].value === undefined &&
    needsDefault(nodes.bundles.value, discovered?.needs, key);
  if (repository === undefined && isMissing('repository'))
    requireAt(nodes.repository, 'a registry and a repository, e.g. quay.io/acme/bundles');
  if (tag === undefined && isMissing('tag')) requireAt(nodes.tag, 'a tag, e.g. v1.0.0');
  reportMoving(nodes.moving, moving, bundles);
  const catalog = parseCatalog(nodes.catalog, schemas.format);
  const given = overridden('catalog', overrides.catalog, (node) =>
    declaredOr(parseCatalog(node, schemas.format), catalog),
  );
  const audit = parseAudit(nodes.audit, catalog);
  return {
    file,
    directory,
    moving,
    bundles,
    publish: parseChoice(nodes.publish, publishChoices, publishWords) ?? 'auto',
    fallback: overridden('fallback', overrides.fallback, parseFallback) ?? parseFallback(nodes.fallback),
    schemas,
    actionTypes: actionTypes.declared,
    catalog: given ?? catalog,
    // A run with another catalog has an audit trail only where that one has.
    audit: audit && hasAuditTrail(given ?? catalog),
    ...(request.parseRare?.(nodes, {
      bundles,
      bundleNames: namesOf(nodes.bundles.value, bundles),
      format,
      actionTypes: actionTypes.names,
    }) ?? noRareSections),
    overridden: override.repository !== undefined || override.tag !== undefined,
  };
}

/** Also of bundles that are wrong, which has been reported. */
function namesOf(declared: unknown, bundles: readonly BundleSpec[]): ReadonlySet<string> {
  const keys = typeof declared === 'object' && declared !== null ? Object.keys(declared) : [];
  return new Set([...keys, ...bundles.map(({ name }) => name)]);
}

function versionAt(root: ConfigNode, node: ConfigNode): void {
  if (typeof root.value !== 'object' || root.value === null || Array.isArray(root.value)) return;
  if (!requireAt(node, '1', 'Write version: 1, the version of the format') || node.value === 1) return;
  const { value } = node;
  const later = typeof value === 'number' && Number.isInteger(value) && value > 1;
  const hint =
    value === '1'
      ? 'Remove the quotes: version: 1'
      : later
        ? 'A later version of this program reads it'
        : 'It is the version of the format; the version of the bundles is tag:';
  report(node, `found ${showValue(node.value)}, wanted 1`, { hint });
}

/** False where each bundle, or the entry of `discover` that finds it, has its own. */
function needsDefault(
  bundles: unknown,
  needs: Discovered['needs'] | undefined,
  key: 'repository' | 'tag',
): boolean {
  if (needs?.[key]) return true;
  const declared = typeof bundles === 'object' && bundles !== null ? bundles : {};
  const has = (bundle: unknown, own: string) =>
    typeof bundle === 'object' && bundle !== null && Object.hasOwn(bundle, own);
  // With discover, an entry without files only adds to a bundle that is found.
  const all: unknown[] = Object.values(declared).filter(
    (bundle) => needs === undefined || has(bundle, 'files'),
  );
  if (all.length === 0) return needs === undefined;
  return all.some((bundle) => !has(bundle, 'reference') && !has(bundle, key));
}

function reportMoving(node: ConfigNode, moving: readonly string[], bundles: readonly BundleSpec[]): void {
  const same = bundles.find(({ reference }) => moving.includes(reference.tag));
  if (same === undefined) return;
  report(
    node,
    `found ${showText(same.reference.tag)}, which is the fixed tag of ${showText(same.name)} already`,
  );
}

/** Reads a value given to the run by the same rules as the file's own. @throws CONFIG_INVALID */
function overridden<T>(
  name: 'repository' | 'tag' | 'fallback' | 'catalog',
  value: string | undefined,
  read: (node: ConfigNode) => T,
): T | undefined {
  if (value === undefined) return undefined;
  const node: ConfigNode = { value, path: [name], problems: [] };
  const found = read(node);
  const [problem] = node.problems;
  if (problem === undefined) return found;
  throw new BundlesError('CONFIG_INVALID', `Cannot use the ${name} given to this run: ${problem.message}`, {
    hint: `${problem.hint ? `${problem.hint}; it` : 'It'} comes from --${name} or BUNDLES_${name.toUpperCase()}`,
    details: { option: `--${name}`, variable: `BUNDLES_${name.toUpperCase()}` },
  });
}

/** Default: embedded. */
function parseFallback(node: ConfigNode): Fallback {
  const embedded: Fallback = { kind: 'embedded' };
  const { value } = node;
  if (value === undefined || value === 'embedded') return embedded;
  if (value === 'none') return { kind: 'none' };
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { registry, clusterReference } = recordAt(node, ['registry', 'clusterReference']);
    requireAt(registry, 'a registry with an optional path, e.g. localhost:5000/mirror');
    const found = parseRegistryPath(registry, 'a registry with an optional path, e.g. localhost:5000/mirror');
    const cluster = parseRegistryPath(
      clusterReference,
      'the registry as the cluster names it, e.g. 172.18.0.3:5000/mirror',
    );
    return found === undefined ? embedded : { kind: 'registry', registry: found, clusterReference: cluster };
  }
  const problems: Problem[] = [];
  const registry = parseRegistryPath({ ...node, problems }, registryWanted);
  if (registry !== undefined) return { kind: 'registry', registry, clusterReference: undefined };
  const close = typeof value === 'string' ? nearest(value, ['embedded', 'none']) : undefined;
  const word = value === false ? 'Write none' : close && `Did you mean ${showText(close)}?`;
  const hint = word ?? problems[0]?.hint;
  report(node, `found ${showValue(value)}, wanted ${registryWanted}`, { hint });
  return embedded;
}

/** Default: the flat workflow schema into `schemas`. */
function parseSchemas(node: ConfigNode): SchemaSettings {
  const { value } = node;
  if (typeof value === 'string') {
    const word = [...schemaFormats, 'none'].find((one) => one === value);
    const hint = `Write schemas: {${word ? `format: ${word}` : 'directory: PATH'}}`;
    report(node, `found ${showText(value)}, wanted a mapping`, { hint });
    return { directory: 'schemas', format: 'workflow-schema' };
  }
  const { directory, format } = recordAt(node, ['directory', 'format']);
  const path = parsePath(directory, 'a directory') ?? 'schemas';
  const choice = parseChoice(format, [...schemaFormats, 'none']) ?? 'workflow-schema';
  return { directory: path, format: choice };
}

/** Tags put after the fixed one; default: none. */
function parseMoving(node: ConfigNode): readonly string[] {
  const tags: string[] = [];
  for (const item of listAt(node) ?? []) {
    const tag = parseText(item, tagRule);
    if (tag === undefined) continue;
    if (tags.includes(tag)) report(item, `found ${showText(tag)} twice, wanted each tag once`);
    else tags.push(tag);
  }
  return tags;
}

/** The action types of a project: described, or listed as existing in the cluster. */
function parseActionTypes(node: ConfigNode): ActionTypes {
  const declared: ActionTypeDeclaration[] = [];
  const names = new Set<string>();
  const objects = new Map<string, string>();
  for (const [name, child] of mappingAt(node) ?? []) {
    names.add(name);
    if (!/^[A-Z][A-Za-z0-9]{0,249}$/.test(name)) {
      report(child, `found the action type ${showText(name)}, wanted PascalCase, e.g. RestartPod`, {
        at: 'key',
      });
      continue;
    }
    const object = actionTypeObjectName(name);
    const twin = objects.get(object);
    objects.set(object, name);
    if (twin !== undefined)
      report(child, `${showText(name)} and ${showText(twin)} would both be the object ${object}`, {
        at: 'key',
      });
    if (child.value === 'existing') continue;
    if (typeof child.value !== 'object' || child.value === null) {
      report(child, `found ${showValue(child.value)}, wanted ${wanted}`);
      continue;
    }
    const description = parseParts(child);
    if (description !== undefined) declared.push({ name, description });
  }
  declared.sort((left, right) => (left.name < right.name ? -1 : 1));
  return { declared, names };
}
