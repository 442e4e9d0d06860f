import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDiagnostics } from './diagnostics.js';

const parse = (text: string) => parseDiagnostics(new TextEncoder().encode(text));

test.each([
  ['{"errors":[{"code":"DENIED","message":"no"}]}', [{ code: 'DENIED', message: 'no' }]],
  [
    '{"errors":[{"code":"DENIED","message":"no","detail":{"message":"quota"}}]}',
    [{ code: 'DENIED', message: 'no (quota)' }],
  ],
  ['{"code":"DENIED","message":"no"}', [{ code: 'DENIED', message: 'no' }]],
  ['{"error":"no"}', [{ code: '', message: 'no' }]],
  ['{"error":{"code":"X","message":"no"}}', [{ code: 'X', message: 'no' }]],
  ['{"message":"no"}', [{ code: '', message: 'no' }]],
  ['{"errors":[]}', []],
  ['{"errors":[null,1,{}]}', []],
  ['<html>', []],
  ['', []],
  ['[1]', []],
])('%s reports %j', (body, wanted) => {
  expect(parse(body)).toEqual(wanted);
});

test('whatever a server reports is short and on one line', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
      fc.string({ unit: 'binary' }),
      (body, message) => {
        for (const text of [body, JSON.stringify({ errors: [{ code: message, message }] })]) {
          for (const one of parse(text)) {
            expect(one.message.length).toBeLessThanOrEqual(300);
            expect(one.code + one.message).not.toMatch(/[\t\n\v\f\r\u2028\u2029]/);
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});
