import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeText } from './safe-text.js';

test.each([
  ['plain text', 'plain text'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007after', 'after'],
  ['\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['\u009b2Jcleared', 'cleared'],
  ['a\r\nb\tc\u0000d\u007fe', 'a b c d e'],
  ['user\u202egnp.exe', 'user gnp.exe'],
  ['zero\u200bwidth \ufeff \u2066x\u2069', 'zero width x'],
  ['tag\u{e0041}s', 'tag s'],
  ['half \ud800 mark', 'half \ufffd mark'],
  ['::add-mask::x', ': :add-mask::x'],
  [' \u200b::error::x', ': :error::x'],
  ['say ##[set-env]x ##vso[task.x]', 'say # #[set-env]x # #vso[task.x]'],
  ['a::b ### c', 'a::b ### c'],
  ['naïve 日本 🚀', 'naïve 日本 🚀'],
])('safeText(%j) is %j', (text, expected) => {
  expect(safeText(text)).toBe(expected);
});

test('text is cut at its length, never within a character', () => {
  expect(safeText('x'.repeat(400))).toBe(`${'x'.repeat(299)}…`);
  expect(safeText('🚀🚀🚀', { max: 4 })).toMatch(/^🚀.?…$/u);
});

test('whatever comes in, nothing unsafe comes out', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.integer({ min: 1, max: 50 }),
      (text, max) => {
        const safe = safeText(text, { max });
        expect(safe.length).toBeLessThanOrEqual(max);
        expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
      },
    ),
  );
});
