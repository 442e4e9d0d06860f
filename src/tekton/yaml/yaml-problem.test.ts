import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns } from '../../../test/support/random/property-runs.js';
import { createPositions, positionAt } from './yaml-problem.js';

test('createPositions() and positionAt() count lines and characters up to any offset', () => {
  const piece = fc.constantFrom('a', ' ', '\n', '\r', '\r\n', '\u2028', '\x85', '🚀', '\ud83d', '\ude80');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const positions = createPositions(text);
      for (let offset = 0; offset <= text.length; offset++) {
        const before = text.slice(0, offset);
        // Between the two characters of a line break the line has not ended.
        const whole =
          before.endsWith('\r') && text.charAt(offset) === '\n' ? before.replace(/\r$/, 'x') : before;
        const lines = whole.split(/\r\n|[\n\r\x85\u2028\u2029]/);
        const column = (lines.at(-1) ?? '').replaceAll(/[\udc00-\udfff]/g, '').length + 1;
        const expected = { line: lines.length, column };
        expect([positions(offset), positionAt(text, offset)]).toEqual([expected, expected]);
      }
    }),
    { numRuns },
  );
});
