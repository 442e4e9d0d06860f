import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lintSources } from '../../src/tekton/lint/lint-sources.js';
import { decodeObject, FieldProblem } from '../../src/tekton/objects/decode-object.js';

import { fromJson } from '../../src/tekton/objects/from-json.js';
import { readSources } from '../../src/tekton/sources/read-sources.js';
import type { FeatureFlags } from '../../src/tekton/validate/feature-flags.js';
import { validateObject } from '../../src/tekton/validate/validate-object.js';
import type { YamlValue } from '../../src/tekton/yaml/value.js';
import { findPeers } from '../support/peers.js';
import { type Judgement, judge, rulesOf } from '../support/random/judge.js';
import { lintCases } from '../support/random/lint-cases.js';
import { mutatedObjects, richObjects } from '../support/random/mutated-objects.js';
import { sharedPath, testWithShared } from '../support/shared.js';

const peers = findPeers('judge');
const program = peers?.judge ?? '';
const judged = test.skipIf(peers === undefined);

/** A warning: Tekton is silent. */
const warnings = ['no-unfilled-context'];

function flagsOf({ apiFields = 'beta', features = [] }: FeatureFlags): string[] {
  return [`enable-api-fields=${apiFields}`, ...features.map((feature) => `${feature}=true`)];
}

/** Findings of ours that Tekton does not have, and findings of Tekton that we do not have. */
function disagreement(json: string, said: Judgement, flags: FeatureFlags): object | undefined {
  const value = fromJson(json);
  const refused = refusal(() => decodeObject(value));
  if (refused !== undefined || said.decode !== undefined) {
    if (refused !== undefined && said.decode !== undefined) return undefined;
    return { json, decode: said.decode, refused };
  }
  // Params of some runs make Tekton panic; then it has not validated their content.
  if (said.errors.some(({ message }) => message.startsWith('panic: '))) return undefined;
  const ours = new Set(
    validateObject(value, flags)
      .map(({ rule }) => rule)
      .filter((rule) => !warnings.includes(rule)),
  );
  const theirs = rulesOf(withinOurs(said, value));
  const missed = theirs.filter((rules) => !rules.some((rule) => ours.has(rule)));
  const surplus = [...ours].filter((rule) => !theirs.some((rules) => rules.includes(rule)));
  return missed.length + surplus.length === 0 ? undefined : { json, missed, surplus, errors: said.errors };
}

/** Of runs we look at the specs inside them. */
function withinOurs(said: Judgement, value: YamlValue): Judgement {
  const kind = value instanceof Map ? value.get('kind') : undefined;
  if (kind !== 'TaskRun' && kind !== 'PipelineRun') return said;
  const inside = /^metadata|^spec\.(?:taskSpec|pipelineSpec)\./;
  const errors = said.errors
    .map((error) => ({ ...error, paths: error.paths.filter((path) => inside.test(path)) }))
    .filter(({ paths }, index) => paths.length > 0 || said.errors[index]?.paths.length === 0);
  return { ...said, errors };
}

function refusal(task: () => unknown): string | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    if (error instanceof FieldProblem) return error.message;
    throw error;
  }
}

function disagreements(objects: readonly string[], flags: FeatureFlags = {}): object[] {
  const said = judge(program, objects, flagsOf(flags));
  expect(said).toHaveLength(objects.length);
  const found = objects.map((json, index) => disagreement(json, said[index] as Judgement, flags));
  return found.filter((one) => one !== undefined);
}

judged('Tekton refuses every bad case for the same reason, and takes every good one', () => {
  for (const [key, flags] of new Map(lintCases.map(({ flags = {} }) => [JSON.stringify(flags), flags]))) {
    const cases = lintCases.filter((one) => JSON.stringify(one.flags ?? {}) === key);
    const objects = cases.flatMap(({ bad, good }) => [JSON.stringify(bad), JSON.stringify(good)]);
    expect(disagreements(objects, flags)).toEqual([]);
    const said = judge(program, objects, flagsOf(flags));
    for (const [index, { rule, title }] of cases.entries()) {
      expect(rulesOf(said[2 * index] as Judgement).flat(), title).toContain(rule);
      expect(said[2 * index + 1]?.errors, title).toEqual([]);
    }
  }
});

testWithShared('corpus')('on every object of public catalogs we say what Tekton reports', () => {
  if (peers === undefined) return;
  const root = sharedPath('corpus');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.ya?ml$/.test(file),
  );
  const sources = files.map((path) => ({ path, bytes: readFileSync(join(root, path)) }));
  const objects = sources.flatMap((source) => readSources([source], { tknCompat: true }).objects);
  const texts = objects.map(({ json }) => Buffer.from(json).toString());
  expect([files.length, objects.length]).toEqual([398, 409]);
  for (const flags of [{}, { apiFields: 'alpha' as const }, { apiFields: 'stable' as const }]) {
    expect(disagreements(texts, flags)).toEqual([]);
  }
  expect(disagreementsOnFields(texts)).toEqual([]);
  const refused = judge(program, texts).filter(({ errors }) => errors.length > 0).length;
  const started = process.cpuUsage();
  const { findings } = lintSources(sources);
  const { user, system } = process.cpuUsage(started);
  const took = (user + system) / 1000;
  // Of the processor: what else this machine does is not asked.
  expect(took).toBeLessThan(3000);
  const errors = findings.filter(({ severity }) => severity === 'error');
  console.info(
    `corpus: ${errors.length} errors in ${new Set(errors.map(({ file, object }) => `${file} ${object?.name}`)).size} of ${objects.length} objects, ${findings.length - errors.length} warnings, ${took.toFixed(0)} ms of CPU`,
  );
  expect(new Set(errors.map(({ file, object }) => `${file} ${object?.name}`)).size).toBe(refused);
});

const seed = Number(process.env.BUNDLES_TEST_SEED ?? 1);
const count = Number(process.env.PROPERTY_RUNS ?? 500);

judged.each<FeatureFlags>([
  {},
  { apiFields: 'alpha' },
  { apiFields: 'stable' },
  {
    features: [
      'enable-param-enum',
      'enable-artifacts',
      'enable-concise-resolver-syntax',
      'enable-cel-in-whenexpression',
    ],
  },
])('on changed objects we say what Tekton reports, with %j', { timeout: 120_000 + count * 100 }, (flags) => {
  expect(
    disagreements(
      richObjects.map((object) => JSON.stringify(object)),
      {},
    ),
  ).toEqual([]);
  const objects = mutatedObjects(richObjects, { seed, count }).map((object) => JSON.stringify(object));
  expect(disagreements(objects, flags).slice(0, 3)).toEqual([]);
});

function unknownFields(path: string, bytes: Uint8Array): string[] {
  const { findings } = lintSources([{ path, bytes }]);
  return findings.flatMap((finding) => (finding.rule === 'unknown-field' ? [finding.path ?? ''] : [])).sort();
}

/** Unknown fields, by Tekton's strict decoder, of objects that it can decode. */
function disagreementsOnFields(objects: readonly string[]): object[] {
  const said = judge(program, objects);
  return objects.flatMap((json, index) => {
    const theirs = (said[index]?.unknown ?? [])
      .map((text) => /^unknown field "(.*)"$/.exec(text)?.[1] ?? text)
      .sort();
    const ours = unknownFields('a.json', Buffer.from(json));
    const refused = refusal(() => decodeObject(fromJson(json))) ?? said[index]?.decode;
    return refused !== undefined || JSON.stringify(ours) === JSON.stringify(theirs)
      ? []
      : [{ json, ours, theirs }];
  });
}

judged('we know the fields that Tekton knows', () => {
  const objects = mutatedObjects(richObjects, { seed, count: 1000 }).map((object) => JSON.stringify(object));
  expect(disagreementsOnFields(objects).slice(0, 3)).toEqual([]);
});
