import { expect, test } from 'vitest';
import { type BundleResult, type EnsureResult, summarize } from '../../../ensure/result.js';
import type { ErrorCode } from '../../../errors.js';
import type { Annotation, Writer } from '../writer.js';
import { annotate, annotationsOf } from './github-annotations.js';
import { longestSummary, stepSummary } from './github-summary.js';

function bundle(name: string, given: Partial<BundleResult> = {}): BundleResult {
  const reference = `quay.io/acme/${name}:v1`;
  return {
    ...{
      name,
      reference,
      verdict: 'present',
      firstVerdict: null,
      outcome: 'reused',
      plan: null,
      changes: [],
    },
    ...{ pinned: `${reference}@sha256:${'0'.repeat(64)}`, digest: null, built: null, configDigest: null },
    ...{ visibility: null, requests: 1, reason: null, differences: [], replaced: null, served: null },
    ...{ signature: null, schema: null, workflow: null, warnings: [], error: null },
    ...given,
  } as BundleResult;
}

const failed = (name: string, code: ErrorCode) =>
  bundle(name, { outcome: 'failed', error: { code, message: `${name} | failed`, hint: null, details: {} } });

const resultOf = (bundles: readonly BundleResult[]): EnsureResult => ({
  ...{ version: 1, bundles, workflows: [], part: null, error: null },
  summary: summarize({ bundles, workflows: [] }, 5),
});

function annotated(annotations: readonly Annotation[]): Annotation[] {
  const seen: Annotation[] = [];
  annotate({ stderr: { annotate: (one: Annotation) => void seen.push(one) } as Writer }, annotations);
  return seen;
}

const mixed = [
  ...Array.from({ length: 14 }, (_, at) => bundle(`warned-${at}`, { warnings: ['careful'] })),
  bundle('fell', { outcome: 'fallback', reason: 'dns' }),
  ...Array.from({ length: 11 }, (_, at) => failed(`catalog-${at}`, 'CATALOG_REFUSED')),
  failed('tag', 'TAG_DIFFERS'),
  failed('push', 'REGISTRY_DENIED'),
];

test('ten errors and ten warnings are annotated, the worst first, and the tenth counts the rest', () => {
  const seen = annotated(annotationsOf(resultOf(mixed)));
  const titles = (level: string) => seen.filter((one) => one.level === level).map(({ title }) => title);
  expect(titles('error')).toHaveLength(10);
  expect(titles('error').slice(0, 3)).toEqual([
    'bundle tag: TAG_DIFFERS',
    'bundle push: REGISTRY_DENIED',
    'bundle catalog-0: CATALOG_REFUSED',
  ]);
  expect(titles('error').at(-1)).toBe('4 more');
  expect(titles('warning')).toHaveLength(10);
  expect([titles('warning')[0], titles('warning').at(-1)]).toEqual(['bundle fell fell back', '6 more']);
  const ten = annotationsOf(resultOf(mixed.slice(0, 10)));
  expect(annotated(ten)).toEqual(ten);
});

test('the step summary has the worst bundles first and stays within what GitHub takes', () => {
  const many = Array.from({ length: 500 }, (_, at) => bundle(`b${at}`));
  expect(longestSummary).toBeLessThan(2 ** 20);
  const clean = (line: string) => line;
  for (const [bundles, room] of [
    [[...many, ...mixed], 40_000],
    [mixed, longestSummary],
    [mixed, 0],
  ] as const) {
    const lines = stepSummary(resultOf(bundles), { command: 'ensure', room, clean });
    const size = Buffer.byteLength(`${lines.join('\n')}\n`);
    expect(size).toBeLessThan(Math.max(room, 1000));
    const rows = lines.filter((line) => /^\| (?!bundle |---)/.test(line));
    const left = lines.find((line) => line.startsWith('and '));
    const counted = Number(/^and (\d+) more/.exec(left ?? '')?.[1] ?? 0);
    expect(rows.length + counted).toBe(bundles.length);
    if (room === 0) continue;
    expect(rows.slice(0, 14).map((row) => row.split(' | ')[1])).toEqual([
      ...Array.from({ length: 13 }, () => 'failed'),
      'fallback',
    ]);
    expect(rows[0]).toContain('\\| failed');
    if (counted > 0) expect(size).toBeGreaterThan(room * 0.95);
    else expect(rows).toHaveLength(bundles.length);
  }
});
