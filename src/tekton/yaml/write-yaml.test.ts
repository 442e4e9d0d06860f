import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { numRuns, patient } from '../../../test/support/random/property-runs.js';
import { toCanonicalJson } from '../objects/canonical-json.js';
import { parseYaml } from './parse-yaml.js';
import type { YamlValue } from './value.js';
import { writeYaml } from './write-yaml.js';

const place = { file: 'x.yaml', document: 1, line: 1 };
const canonical = (value: YamlValue) => new TextDecoder().decode(toCanonicalJson(value));
const readBack = (value: YamlValue) => canonical(parseYaml(writeYaml(value), place).value);

test('writeYaml() writes what people expect of kubectl', () => {
  const task: YamlValue = new Map<string, YamlValue>([
    ['kind', 'Task'],
    [
      'spec',
      new Map<string, YamlValue>([
        [
          'params',
          [
            new Map<string, YamlValue>([
              ['name', 'a'],
              ['default', 'yes'],
            ]),
          ],
        ],
        ['empty', []],
        ['none', new Map()],
        [
          'steps',
          [
            new Map<string, YamlValue>([
              ['args', ['--flag=$(params.a)', '1.10', 'a: b', '']],
              ['image', 'quay.io/acme/x:1.0'],
              ['script', '#!/bin/sh\n\n  echo "x"  \necho y\n'],
            ]),
            [1, [true, null]],
          ],
        ],
      ]),
    ],
  ]);
  expect(writeYaml(task)).toBe(`kind: Task
spec:
  params:
  - name: a
    default: 'yes'
  empty: []
  none: {}
  steps:
  - args:
    - --flag=$(params.a)
    - '1.10'
    - 'a: b'
    - ''
    image: quay.io/acme/x:1.0
    script: |
      #!/bin/sh

        echo "x"  
      echo y
  - - 1
    - - true
      - null
`);
  expect(readBack(task)).toBe(canonical(task));
});

const hard = [
  ...['yes', 'on', 'n', '~', 'null', '', ' ', '-', '---', '...', '- a', '? a', ': a', 'a: b', 'a #b', '#a'],
  ...[
    '010',
    '0x1f',
    '1_000',
    '1:30',
    '.5',
    '.inf',
    '-.INF',
    '+1',
    '1e3',
    '2001-12-14',
    '0o7',
    '0b1',
    '=',
    '<<',
  ],
  ...['a\nb', 'a\n', 'a\n\n', '\na', ' a\nb', '\ta\n', 'a\r\nb', 'a\tb', 'a \n b\n', '---\nx', 'a\n---\nb\n'],
  ...[
    '"',
    "'",
    '\\',
    'a\\b',
    '%',
    '@',
    '`',
    '{a}',
    '[a]',
    'a, b',
    'ä',
    '😀',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\0',
    '\x7f',
  ],
  ...[
    'y'.repeat(2000),
    `${'k '.repeat(700)}:`,
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    'a:',
    ':a',
    'null ',
    'True',
    'NaN',
    '.nan',
  ],
];

test.each(hard)(
  'writeYaml() keeps the text %j as value, key and item, for readers of both YAML versions',
  (text) => {
    const value: YamlValue = new Map<string, YamlValue>([
      ['value', text],
      ['list', [text, [text], new Map([[text, text]])]],
      [text, new Map([[text, 1]])],
    ]);
    expect(readBack(value)).toBe(canonical(value));
    const plain = JSON.parse(canonical(value)) as unknown;
    if (text.length < 1000) expect(load(writeYaml(value))).toEqual(plain);
    expect(parse(writeYaml(value))).toEqual(plain);
  },
);

test.each([0, -0, 1.5, 1e21, 1e-7, -12, 9007199254740993n, 18446744073709551615n, true, false, null])(
  'writeYaml() keeps %s',
  (value) => expect(readBack([value])).toBe(canonical([value])),
);

test('writeYaml() and parseYaml() are inverse', patient, () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...hard),
    fc.stringMatching(/^[-\s:#a-z0-9.'"|]{0,20}$/),
  );
  const { tree } = fc.letrec<{ tree: YamlValue }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
      fc.constantFrom(true, false, null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.array(fc.tuple(text, tie('tree')), { maxLength: 4 }).map((entries): YamlValue => new Map(entries)),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(readBack([value])).toBe(canonical([value]));
    }),
    { numRuns },
  );
});

test('deep values are written in brackets, so that the text does not outgrow them', () => {
  let value: YamlValue = 'x';
  for (let level = 0; level < 300; level++)
    value = level % 2 === 0 ? [value, 'y'] : new Map([['k: "', value]]);
  const text = writeYaml(value);
  expect(parseYaml(text, { file: 'a.yaml', document: 1, line: 1 }).value).toEqual(value);
  expect(text.length).toBeLessThan(300 * 60);
});

test('a text that ends in many line breaks is written in time', () => {
  const text = `a${'\n'.repeat(1_000_000)}b`;
  expect(writeYaml(text)).toHaveLength(JSON.stringify(text).length + 1);
  expect(
    parseYaml(writeYaml(new Map([['k', text]])), { file: 'a.yaml', document: 1, line: 1 }).value,
  ).toEqual(new Map([['k', text]]));
});
