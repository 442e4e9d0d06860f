import { BundlesError } from '../../errors.js';
import { actionTypeObjectName } from '../../workflow/action-type.js';
import type { ActionTypeDeclaration } from '../../workflow/declaration.js';
import { schemaFormats } from '../../workflow/schema-format.js';
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
import type { BundleSpec, Fallback, Project, ProjectOverrides, SchemaSettings } from '../project.js';
import { parseBundles } from './parse-bundles.js';
import { hasAuditTrail, parseAudit, parseCatalog } from './parse-catalog.js';
import { parseParts } from './parse-description.js';
import { parseImages } from './parse-images.js';
import { parseLint } from './parse-lint.js';
import { parsePath } from './parse-path.js';
import { parseRegistryPath, parseRepository, tagRule } from './parse-reference-field.js';
import { parseRegistries } from './parse-registries.js';
import { refuseFlat } from './parse-remediation.js';
import { parseBoolean, parseChoice, parseText } from './parse-scalar.js';

const registryWanted = 'embedded, none, or a registry with an optional path, e.g. localhost:5000/mirror';

interface ActionTypes {
  /** Those whose documents the project writes, sorted by name. */
  readonly declared: readonly ActionTypeDeclaration[];
  /** The names that workflows may use: the declared ones, and those said to exist. */
  readonly names: ReadonlySet<string>;
}

const wanted = 'a mapping with what and whenToUse, or the word existing';

const keys = [
  ...(['version', 'repository', 'tag', 'moving', 'publish', 'pin'] as const),
  ...(['fallback', 'schemas', 'actionTypes', 'catalog', 'audit', 'registries', 'bundles'] as const),
  ...(['images', 'lint'] as const),
];

const hints = {
  '<<': 'Merge keys are not read; write the values out or use a plain alias',
  registry:
    'Write repository: the registry and the repository together; registries: says how hosts are reached',
};

/** A whole project file; what is wrong lands in the place's problems. Wrong overrides throw at once. */
export function parseProjectNode(
  root: ConfigNode,
  { file, directory, overrides }: { file: string; directory: string; overrides: ProjectOverrides },
): Project {
  const places = recordAt(root, keys, hints);
  versionAt(root, places.version);
  const override = {
    repository: overridden('repository', overrides.repository, parseRepository),
    tag: overridden('tag', overrides.tag, (place) => parseText(place, tagRule)),
  };
  const repository = override.repository ?? parseRepository(places.repository);
  const tag = override.tag ?? parseText(places.tag, tagRule);
  const moving = parseMoving(places.moving);
  const schemas = parseSchemas(places.schemas);
  const format = schemas.format === 'none' ? 'workflow-schema' : schemas.format;
  if (format === 'workflow-schema') refuseFlat(places.actionTypes);
  const actionTypes = parseActionTypes(places.actionTypes);
  const bundles = parseBundles(places.bundles, {
    repository,
    tag,
    override,
    format,
    pin: parseBoolean(places.pin) ?? false,
    actionTypes: actionTypes.names,
  });
  if (needsDefaults(places.bundles.value)) {
    if (repository === undefined && places.repository.value === undefined)
      requireAt(places.repository, 'a registry and a repository, e.g. quay.io/acme/bundles');
    if (tag === undefined && places.tag.value === undefined) requireAt(places.tag, 'a tag, e.g. v1.0.0');
  }
  reportMoving(places.moving, moving, bundles);
  const given = overridden('catalog', overrides.catalog, (place) => parseCatalog(place, schemas.format));
  const catalog = parseCatalog(places.catalog, schemas.format);
  const audit = parseAudit(places.audit, catalog);
  return {
    file,
    directory,
    moving,
    bundles,
    publish: parseChoice(places.publish, ['auto', 'never']) ?? 'auto',
    fallback: overridden('fallback', overrides.fallback, parseFallback) ?? parseFallback(places.fallback),
    schemas,
    actionTypes: actionTypes.declared,
    catalog: given ?? catalog,
    // A run that is told another catalog has an audit trail only where that one has.
    audit: audit && hasAuditTrail(given ?? catalog),
    registries: parseRegistries(places.registries),
    images: parseImages(places.images),
    lint: parseLint(places.lint),
    overridden: override.repository !== undefined || override.tag !== undefined,
  };
}

function versionAt(root: ConfigNode, place: ConfigNode): void {
  if (typeof root.value !== 'object' || root.value === null || Array.isArray(root.value)) return;
  if (!requireAt(place, '1') || place.value === 1) return;
  const later = typeof place.value === 'number' && place.value > 1;
  const hint = later ? 'A later version of this program reads it' : undefined;
  report(place, `found ${showValue(place.value)}, wanted 1`, { hint });
}

/** Bundles that all have a reference of their own need no repository and no tag beside it. */
function needsDefaults(bundles: unknown): boolean {
  if (typeof bundles !== 'object' || bundles === null) return true;
  const all: unknown[] = Object.values(bundles);
  return all.length === 0 || all.some((bundle) => !hasReference(bundle));
}

function hasReference(bundle: unknown): boolean {
  return typeof bundle === 'object' && bundle !== null && Object.hasOwn(bundle, 'reference');
}

function reportMoving(place: ConfigNode, moving: readonly string[], bundles: readonly BundleSpec[]): void {
  const same = bundles.find(({ reference }) => moving.includes(reference.tag));
  if (same === undefined) return;
  report(
    place,
    `found ${showText(same.reference.tag)}, which is the fixed tag of ${showText(same.name)} already`,
  );
}

/** Reads a value given to the run by the same rules as the file's own. @throws CONFIG_INVALID */
function overridden<T>(
  name: 'repository' | 'tag' | 'fallback' | 'catalog',
  value: string | undefined,
  read: (place: ConfigNode) => T,
): T | undefined {
  if (value === undefined) return undefined;
  const place: ConfigNode = { value, path: [name], problems: [] };
  const found = read(place);
  const [problem] = place.problems;
  if (problem === undefined) return found;
  throw new BundlesError('CONFIG_INVALID', `Cannot use the ${name} given to this run: ${problem.message}`, {
    hint: problem.hint ?? `It comes from --${name} or BUNDLES_${name.toUpperCase()}`,
    details: { option: `--${name}`, variable: `BUNDLES_${name.toUpperCase()}` },
  });
}

/** Default: embedded. */
function parseFallback(place: ConfigNode): Fallback {
  const embedded: Fallback = { kind: 'embedded' };
  const { value } = place;
  if (value === undefined || value === 'embedded') return embedded;
  if (value === 'none') return { kind: 'none' };
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { registry, clusterReference } = recordAt(place, ['registry', 'clusterReference']);
    requireAt(registry, 'a registry with an optional path, e.g. localhost:5000/mirror');
    const found = parseRegistryPath(registry, 'a registry with an optional path, e.g. localhost:5000/mirror');
    const cluster = parseRegistryPath(
      clusterReference,
      'the registry as the cluster names it, e.g. 172.18.0.3:5000/mirror',
    );
    return found === undefined ? embedded : { kind: 'registry', registry: found, clusterReference: cluster };
  }
  const problems: Problem[] = [];
  const registry = parseRegistryPath({ ...place, problems }, registryWanted);
  if (registry !== undefined) return { kind: 'registry', registry, clusterReference: undefined };
  const close = typeof value === 'string' ? nearest(value, ['embedded', 'none']) : undefined;
  const hint = close === undefined ? undefined : `Did you mean ${showText(close)}?`;
  report(place, `found ${showValue(value)}, wanted ${registryWanted}`, { hint });
  return embedded;
}

/** Default: the flat workflow schema into `schemas`. */
function parseSchemas(place: ConfigNode): SchemaSettings {
  const { directory, format } = recordAt(place, ['directory', 'format']);
  const path = parsePath(directory, 'a directory') ?? 'schemas';
  const choice = parseChoice(format, [...schemaFormats, 'none']) ?? 'workflow-schema';
  return { directory: path, format: choice };
}

/** Tags put after the fixed one; default: none. */
function parseMoving(place: ConfigNode): readonly string[] {
  const tags: string[] = [];
  for (const item of listAt(place) ?? []) {
    const tag = parseText(item, tagRule);
    if (tag === undefined) continue;
    if (tags.includes(tag)) report(item, `found ${showText(tag)} twice, wanted each tag once`);
    else tags.push(tag);
  }
  return tags;
}

/** The action types of a project: described, or said to exist in the cluster already. */
function parseActionTypes(place: ConfigNode): ActionTypes {
  const declared: ActionTypeDeclaration[] = [];
  const names = new Set<string>();
  const objects = new Map<string, string>();
  for (const [name, child] of mappingAt(place) ?? []) {
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
