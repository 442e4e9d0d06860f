import { BundlesError } from '../../errors.js';
import { type ConfigNode, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import type { BundleSpec, Project, ProjectOverrides } from '../project.js';
import { parseActionTypes } from './parse-action-types.js';
import { parseBundles } from './parse-bundles.js';
import { hasAuditTrail, parseAudit, parseCatalog } from './parse-catalog.js';
import { parseImages } from './parse-images.js';
import { parseLint } from './parse-lint.js';
import { parseRepository, tagRule } from './parse-reference-field.js';
import { parseRegistries } from './parse-registries.js';
import { refuseFlat } from './parse-remediation.js';
import { parseBoolean, parseChoice, parseText } from './parse-scalar.js';
import { parseFallback, parseMoving, parseSchemas } from './parse-settings.js';

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
