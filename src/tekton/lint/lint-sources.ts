import type { Source, TektonObject } from '../objects/object.js';
import { decodeSource } from '../sources/decode-source.js';
import { placeDocuments } from '../sources/place-documents.js';
import { MOST_OBJECTS } from '../sources/read-sources.js';
import type { FeatureFlags } from '../validate/feature-flags.js';
import { type Finding, makeFinding } from './findings/finding.js';
import { lintSource } from './lint-source.js';
import { findLocalReferences } from './rules/reference-rules.js';
import { type LintRule, lintRules, type RuleName, type Severity } from './rules/rules.js';
import { readSuppressions } from './suppressions.js';

/** The features of the cluster, the rules to leave out, and severities other than the default ones. */
export interface LintOptions extends FeatureFlags {
  /** Rules that are not to be reported; those without which nothing can be built are reported all the same. */
  readonly ignore?: readonly RuleName[];
  /** How rules are reported; those that are off by default only if they are named here. */
  readonly severities?: Severities;
}

/** Severities by rule; `off` leaves a rule out. */
export type Severities = Readonly<Partial<Record<RuleName, Severity | 'off'>>>;

/** The findings in some sources, and the objects that could be read. */
export interface LintReport {
  /** By file in the order given, then by place. */
  readonly findings: readonly Finding[];
  readonly objects: readonly TektonObject[];
}

/**
 * Checks files one by one, without a network. Findings are in the order of the files, then by position.
 *
 * @throws SOURCE_TOO_LARGE
 * @example
 * ```ts
 * import { lintSources } from 'tekton-bundles/lint';
 *
 * const bytes = new TextEncoder().encode('apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: build}\nspec: {}\n');
 * const { findings } = lintSources([{ path: 'task.yaml', bytes }]);
 * for (const { severity, rule, file, line } of findings) console.log(severity, rule, `${file}:${line}`);
 * // error no-missing-steps task.yaml:4
 * ```
 */
export function lintSources(sources: readonly Source[], options: LintOptions = {}): LintReport {
  const linted = sources.map((source) => lintSource(source, options));
  return {
    findings: withSettings(
      linted.flatMap(({ findings }) => findings),
      options,
    ),
    objects: linted.flatMap(({ objects }) => objects),
  };
}

/**
 * Checks files that become one bundle: each file, and what they are together, e.g. references between their objects.
 *
 * @throws SOURCE_TOO_LARGE
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { lintBundle } from 'tekton-bundles/lint';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { findings, objects } = lintBundle([{ path, bytes: await readFile(path) }], { ignore: ['unpinned-image'] });
 * console.log(objects.length, findings.filter(({ severity }) => severity === 'error').length); // 1 0
 * ```
 */
export function lintBundle(sources: readonly Source[], options: LintOptions = {}): LintReport {
  const { findings, objects } = lintSources(sources, options);
  // What could not be read may well be what seems to be missing.
  const isWhole = !findings.some(({ rule }) => rule === 'invalid-yaml' || rule === 'invalid-object');
  const local = withSettings(localReferences(sources, objects), options);
  const together = [
    ...local,
    ...duplicates(objects),
    ...tooMany(objects),
    ...(isWhole ? empty(sources, objects) : []),
  ];
  return { findings: [...findings, ...together], objects };
}

/** Findings as they are to be reported: without those of rules that are off, each with its severity. */
export function withSettings(
  findings: readonly Finding[],
  { ignore = [], severities = {} }: LintOptions,
): Finding[] {
  return findings.flatMap((finding) => {
    const rule: LintRule = lintRules[finding.rule];
    if (rule.fatal) return [finding];
    const severity = severities[finding.rule] ?? (rule.off ? 'off' : rule.severity);
    return severity === 'off' || ignore.includes(finding.rule) ? [] : [{ ...finding, severity }];
  });
}

/** What names an object of the same bundle as if it were in the namespace, unless a comment hides it. */
function localReferences(sources: readonly Source[], objects: readonly TektonObject[]): Finding[] {
  return findLocalReferences(objects).flatMap(({ object, path, message }) => {
    const source = sources.find((one) => one.path === object.origin.file);
    if (source === undefined) return [];
    const text = decodeSource(source);
    const place = placeDocuments(text, source.path)[object.origin.document - 1]?.placeOf(path);
    const { line, column } = place ?? { line: object.origin.line, column: 1 };
    if (readSuppressions(text).hides('no-local-ref', line)) return [];
    const { kind, name, origin } = object;
    const span = { start: { line, column }, end: { line, column: column + 1 } };
    return [makeFinding('no-local-ref', message, { file: origin.file, span, path, object: { kind, name } })];
  });
}

function duplicates(objects: readonly TektonObject[]): Finding[] {
  const seen = new Map<string, TektonObject>();
  const findings: Finding[] = [];
  for (const object of objects) {
    const key = `${object.kind.toLowerCase()}\0${object.name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, object);
    else {
      const place = `${first.origin.file}:${first.origin.line}`;
      const message = `found the ${object.kind} ${JSON.stringify(object.name)} twice, first in ${place}: the resolver would find only the first`;
      findings.push(atObject('no-duplicate-resource', object, message));
    }
  }
  return findings;
}

function tooMany(objects: readonly TektonObject[]): Finding[] {
  const first = objects[MOST_OBJECTS];
  if (first === undefined) return [];
  const message = `found ${objects.length} objects, wanted at most ${MOST_OBJECTS} in a bundle: this is the first too many`;
  return [atObject('too-many-objects', first, message)];
}

function empty(sources: readonly Source[], objects: readonly TektonObject[]): Finding[] {
  const [first] = sources;
  if (objects.length > 0 || first === undefined) return [];
  const start = { line: 1, column: 1 };
  const message = 'found no object, wanted at least one Task, Pipeline or StepAction';
  return [
    makeFinding('empty-bundle', message, { file: first.path, span: { start, end: { line: 1, column: 2 } } }),
  ];
}

function atObject(rule: RuleName, { kind, name, origin }: TektonObject, message: string): Finding {
  const start = { line: origin.line, column: 1 };
  const span = { start, end: { line: origin.line, column: 2 } };
  return makeFinding(rule, message, { file: origin.file, span, object: { kind, name } });
}
