import { expect, test } from 'vitest';
import { createdOption } from './created-option.js';

test('an empty --ctime is none, as for tkn', () => {
  expect(createdOption({ environment: {} }, '')).toBeUndefined();
  expect(createdOption({ environment: { SOURCE_DATE_EPOCH: '0' } }, '')).toBe('1970-01-01T00:00:00Z');
  expect(createdOption({ environment: { SOURCE_DATE_EPOCH: '0' } }, '2024-02-29')).toBe(
    '2024-02-29T00:00:00Z',
  );
});
