import { expect, test } from 'vitest';
import { findMistyped } from '../../src/tekton/objects/check-fields.js';
import { type FieldType, registeredKinds, type StructType } from '../../src/tekton/objects/fields.js';
import { fromJsonLiterally } from '../../src/tekton/objects/from-json.js';
import { findPeers } from '../support/peers.js';
import { fieldDifferences } from '../support/random/field-differences.js';
import { decodeProblems } from '../support/random/judge.js';

const peers = findPeers('judge');
const judged = test.skipIf(peers === undefined);

/** A place in an object. */
interface Place {
  /** Keys, and marks for an element of a list and a value of a mapping. */
  readonly keys: readonly string[];
  readonly type: FieldType;
}

const ELEMENT = '[]';
const VALUE = '{}';

/** Every place below a struct, but for what a struct holds that contains itself. */
function placesIn(type: FieldType, keys: readonly string[], within: readonly StructType[]): Place[] {
  const place = { keys, type };
  if (type.is === 'list') return [place, ...placesIn(type.of.type, [...keys, ELEMENT], within)];
  if (type.is === 'map') return [place, ...placesIn(type.of.type, [...keys, VALUE], within)];
  if (type.is !== 'struct' || within.includes(type)) return [place];
  const inner = [...type.fields].flatMap(([name, field]) =>
    placesIn(field.type, [...keys, name], [...within, type]),
  );
  return [place, ...inner];
}

function write([part, ...rest]: readonly string[], value: string): string {
  if (part === undefined) return value;
  const inner = write(rest, value);
  if (part === ELEMENT) return `[${inner}]`;
  return `{${JSON.stringify(part === VALUE ? 'a' : part)}:${inner}}`;
}

/** JSON as it is written: Go looks at the characters of a number. */
const structures = [
  ...['null', 'true', '5', '-1', '1.0', '"a"', '""', '[]', '["a"]', '[1]', '[null]', '[[]]', '[{}]'],
  ...['{}', '{"a":"b"}', '{"a":1}', '{"a":[]}', '{"type":"a"}'],
];
const numbers = [
  ...[
    '0',
    '-0',
    '1.5',
    '1e3',
    '1E+3',
    '0.1e1',
    '123456789012345678901234',
    '1e400',
    '-1e-400',
    '18446744073709551615',
  ],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '4294967296', '"5"'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809'],
];
const durations = [
  ...[
    '"1h"',
    '"1h30m"',
    '"-1s"',
    '"+1.5h"',
    '".5s"',
    '"1.s"',
    '"."',
    '"1"',
    '"1d"',
    '"1h 5m"',
    '"1µs"',
    '"1μs"',
    '"0"',
  ],
  ...[
    '"9223372036854775807ns"',
    '"9223372036854775808ns"',
    '"-9223372036854775808ns"',
    '"2562047h"',
    '"2562048h"',
  ],
  ...[
    '"2562047h47m16.854775807s"',
    '"2562047h47m16.854775808s"',
    '"0.00000000000000000000001h"',
    '"1e3s"',
    '"-"',
  ],
];
const times = [
  ...['"2020-02-29T00:00:00Z"', '"2020-02-30T00:00:00Z"', '"2021-02-29T00:00:00Z"', '"2020-01-01T0:00:00Z"'],
  ...['"2020-01-01T00:00:00,5+24:60"', '"2020-01-01T00:00:00+25:00"', '"2020-01-01T24:00:00Z"'],
  ...['"2020-01-01T00:00:60Z"', '"2020-01-01 00:00:00Z"', '"2020-01-01"', '"0000-01-01T00:00:00.Z"'],
  ...[
    '"20200-01-01T00:00:00Z"',
    '"2020-1-01T00:00:00Z"',
    '"2020-01-01T00:00:00z"',
    '"2020-01-01T00:00:00-00:61"',
  ],
];
const quantities = [
  ...[
    '"512Mi"',
    '"512MB"',
    '"6GiB"',
    '"512M"',
    '"1e3"',
    '"1E"',
    '"1e"',
    '"1E3"',
    '"1e+3"',
    '"1e-3"',
    '"1.5.5"',
    '"$(params.MEM)"',
  ],
  ...[
    '"Ki"',
    '"-"',
    '"+"',
    '"."',
    '".Ki"',
    '".5Ki"',
    '"-.5Gi"',
    '"1 Gi"',
    '" 1Gi "',
    '"1\\tGi"',
    '"1k"',
    '"1K"',
  ],
  ...[
    '"1KI"',
    '"1mi"',
    '"0x10"',
    '"1_000"',
    '"1,5"',
    '"1e99999999999999999999"',
    '"e-20"',
    '".e-20"',
    '"0e-20"',
  ],
  ...[
    '"123456789012345678901234567890Ei"',
    '"0.000000000000000000001"',
    '"1n"',
    '"1u"',
    '"100m"',
    '"1Ee"',
    '"٣"',
    '"50%"',
  ],
];
const formsOf: Partial<Record<FieldType['is'], readonly string[]>> = {
  int32: numbers,
  int64: numbers,
  'int-or-string': numbers,
  'int64-or-string': numbers,
  duration: [...durations, ...numbers],
  time: [...times, ...numbers],
  quantity: [...quantities, ...numbers],
};

const listed = (type: FieldType['is']) =>
  fieldDifferences.filter((difference) => difference.type === type).map(({ form }) => form);

judged(
  'on every path, in every form, we accept what Go decodes, but for the listed differences',
  async () => {
    const documents: string[] = [];
    const types: StructType[] = [];
    const expected: boolean[] = [];
    let places = 0;
    for (const [apiVersion, kinds] of registeredKinds()) {
      for (const [kind, type] of kinds) {
        // The kind itself and the fields by which it is found are looked at elsewhere.
        const own = placesIn(type, [], []).filter(
          ({ keys: [first = 'kind'] }) => !['apiVersion', 'kind'].includes(first),
        );
        places += own.length;
        for (const { keys, type: held } of own) {
          const differs = listed(held.is);
          for (const form of new Set([...structures, ...(formsOf[held.is] ?? []), ...differs])) {
            const text = write(keys, form);
            documents.push(`{"apiVersion":"${apiVersion}","kind":"${kind}",${text.slice(1)}`);
            types.push(type);
            expected.push(differs.includes(form));
          }
        }
      }
    }
    console.info(`fields: ${places} paths, ${documents.length} documents`);
    const theirs = decodeProblems(peers?.judge ?? '', documents);
    const differing = documents.flatMap((document, index) => {
      const refused = theirs[index];
      const ours = findMistyped(fromJsonLiterally(document), types[index] as StructType);
      const differs = (ours === undefined) !== (refused === undefined);
      return differs === expected[index] ? [] : [{ document, theirs: refused, ours: ours?.wanted }];
    });
    console.info(`fields: ${expected.filter(Boolean).length} listed, ${differing.length} not as listed`);
    expect(differing.slice(0, 20)).toEqual([]);
  },
);
