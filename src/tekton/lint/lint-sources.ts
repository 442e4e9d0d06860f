import type { Source, TektonObject } from '../objects/object.js';
import { MOST_OBJECTS } from '../sources/limits.js';
import type { FeatureFlags } from '../validate/feature-flags.js';
import type { Finding } from './finding.js';
import { lintSource } from './lint-source.js';
import { makeFinding } from './make-finding.js';
import { lintRules, type RuleName } from './rules.js';

export interface LintOptions extends FeatureFlags {
  /** Rules that are not to be reported; those without which nothing can be built are reported all the same. */
  readonly ignore?: readonly RuleName[];
}

export interface LintReport {
  /** By file in the order given, then by place. */
  readonly findings: readonly Finding[];
  readonly objects: readonly TektonObject[];
}

/** Checks files one by one. @throws SOURCE_TOO_LARGE */
export function lintSources(sources: readonly Source[], options: LintOptions = {}): LintReport {
  const linted = sources.map((source) => lintSource(source, options));
  return {
    findings: linted.flatMap(({ findings }) => findings).filter(isShown(options)),
    objects: linted.flatMap(({ objects }) => objects),
  };
}

/** Checks files that are to be one bundle, and what they are together. @throws SOURCE_TOO_LARGE */
export function lintBundle(sources: readonly Source[], options: LintOptions = {}): LintReport {
  const { findings, objects } = lintSources(sources, options);
  // What could not be read may well be what seems to be missing.
  const isWhole = !findings.some(({ rule }) => rule === 'invalid-yaml' || rule === 'invalid-object');
  const together = [...duplicates(objects), ...tooMany(objects), ...(isWhole ? empty(sources, objects) : [])];
  return { findings: [...findings, ...together], objects };
}

function isShown({ ignore = [] }: LintOptions): (finding: Finding) => boolean {
  return ({ rule }) => 'fatal' in lintRules[rule] || !ignore.includes(rule);
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
      const message = `found the ${object.kind} ${JSON.stringify(object.name)} twice, first in ${place}: the resolver would find the first only`;
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
