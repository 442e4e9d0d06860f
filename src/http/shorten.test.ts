import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shorten } from './shorten.js';

test.each([
  ['plain text', 'plain text'],
  ['  a\r\nb\tc  ', 'a b c'],
  ['naïve 日本 🚀', 'naïve 日本 🚀'],
  ['what a writer takes out: \u001b[31m\u202e', 'what a writer takes out: \u001b[31m\u202e'],
])('shorten(%j) is %j', (text, expected) => {
  expect(shorten(text)).toBe(expected);
});

test('text is cut at its length, never within a character', () => {
  expect(shorten('x'.repeat(400))).toBe(`${'x'.repeat(299)}…`);
  expect(shorten('🚀🚀🚀', { max: 4 })).toBe('🚀…');
  expect(shorten(`a${' '.repeat(10_000)}b`)).toBe('a…');
});

test('whatever comes in, one line of at most so many characters comes out', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 120 }), fc.integer({ min: 1, max: 50 }), (text, max) => {
      const line = shorten(text, { max });
      expect(line.length).toBeLessThanOrEqual(max);
      expect(line).not.toMatch(/[\r\n\t]|\s\s/);
    }),
  );
});
