import { expect, test } from 'vitest';
import { parseChallenges } from '../src/auth/challenge.js';
import { isUnsafeYaml } from '../src/cli/output/clean-text.js';
import { nextPage } from '../src/http/location.js';
import { parsePattern } from '../src/project/discover/pattern.js';
import { proposeWorkflows } from '../src/project/propose-workflows.js';
import { codeFrame } from '../src/tekton/lint/findings/code-frame.js';
import type { Finding } from '../src/tekton/lint/findings/finding.js';
import { lintBundle } from '../src/tekton/lint/lint-sources.js';
import { quantityText } from '../src/tekton/objects/go-texts.js';
import { isQuantity, isQuotedQuantity, parseDuration } from '../src/tekton/objects/go-values.js';
import { linesOf } from '../src/yaml-file/excerpt.js';
import { explainYaml } from '../src/yaml-file/explain-yaml.js';
import { readYamlFile } from '../src/yaml-file/parse-yaml-file.js';

const size = 200_000;

/** For one case: far more than it needs, far less than a search that is quadratic. */
const millisecondsAllowed = 2_000;

const kind = { what: 'project', file: 'bundles.yaml', invalid: 'CONFIG_INVALID', conflictHint: '' } as const;
const explain = (text: string) => () => {
  try {
    return readYamlFile(text, kind).problems.length;
  } catch (error) {
    return explainYaml(error as Parameters<typeof explainYaml>[0], text, kind).code;
  }
};
const manyParams = {
  path: 'a.json',
  bytes: Buffer.from(
    JSON.stringify({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      metadata: { name: 'a' },
      spec: {
        params: Array.from({ length: 6_001 }, (_, index) => ({ name: `p${index}`, type: 'string' })),
        steps: [{ name: 's', image: 'quay.io/a/b:v1' }],
      },
    }),
  ),
};
/** Of a thousand findings, as `lint` shows them. */
const frames = (text: string) => {
  const lines = linesOf(text);
  const place = { line: 1, column: 3, endLine: 1, endColumn: 4 } as Finding;
  return Array.from({ length: 1_000 }, () => codeFrame(lines, place, { width: 80 }));
};
const many = (text: string) => text.repeat(size / text.length);

/** What reads text from outside, and texts of which each character may begin a long search. */
const cases: readonly (readonly [title: string, read: () => unknown, found: unknown])[] = [
  ['line breaks before a command', () => isUnsafeYaml(`a: |\n${many('\n')} b\n  ::c`), true],
  ['line breaks and no command', () => isUnsafeYaml(`a: |\n${many('\n')} b::c`), false],
  ['blanks on one line', () => isUnsafeYaml(`a: |\n${many(' ')}b::c`), false],
  ['escaped quotes that are not closed', explain(`x: "${many('\\"')}`), 'CONFIG_INVALID'],
  ['quotes of both kinds', explain(`x: "${many('\'\\"')}`), 'CONFIG_INVALID'],
  ['comments within a list', explain(`x: [a${many(' #')}\u2028`), 'CONFIG_INVALID'],
  ['blanks before a value', explain(`a: 1\n${many(' ')}b: 2`), 'CONFIG_INVALID'],
  ['a number with a wrong end', () => isQuantity(`${many('1')}!`), false],
  ['a fraction with a wrong end', () => isQuantity(`1.${many('1')}!`), false],
  ['blanks within a quantity', () => isQuotedQuantity(`1${many(' ')}2`), false],
  ['a quantity between blanks', () => isQuotedQuantity(`${many(' ')}1Ki${many(' ')}`), true],
  ['zeros with a wrong end', () => quantityText(`${many('0')}!`), undefined],
  ['zeros alone', () => quantityText(many('0')), '0'],
  ['zeros behind a digit', () => quantityText(`1${many('0')}`)?.length, 3],
  ['digits of a duration', () => parseDuration(many('1')), undefined],
  ['thousands of findings on one line', () => lintBundle([manyParams]).findings.length > 6_000, true],
  ['frames of one line', () => frames(many('x')).filter((frame) => frame.endsWith('^')).length, 1_000],
  ['frames of many lines', () => frames(many('\n')).length, 1_000],
  ['a challenge of blanks', () => parseChallenges(`Bearer${many(' ')}`).length, 1],
  ['braces of a pattern', () => 'wrong' in parsePattern(many('{a}'), false), true],
  ['angle brackets of a link', () => nextPage(many('<'), new URL('https://r.example/')), undefined],
  ['commas of a link', () => nextPage(many('<>;,'), new URL('https://r.example/')), undefined],
  [
    'a long id of a workflow',
    () =>
      proposeWorkflows(
        [
          {
            path: 'a.yaml',
            id: many('_'),
            format: 'workflow-schema',
            engine: 'tekton',
            bundle: 'quay.io/a/b:v1',
            bundleDigest: undefined,
          },
        ],
        new Set(),
      ).count,
    1,
  ],
];

test.each(cases)('%s: the time taken is in proportion to the length', (_, read, found) => {
  let best = Number.POSITIVE_INFINITY;
  // A machine that is busy with other work does not slow it down three times.
  for (let tries = 0; tries < 3 && best >= millisecondsAllowed; tries++) {
    const before = performance.now();
    expect(read()).toEqual(found);
    best = Math.min(best, performance.now() - before);
  }
  expect(best).toBeLessThan(millisecondsAllowed);
});
