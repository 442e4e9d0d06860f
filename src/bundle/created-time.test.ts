import { expect, test } from 'vitest';
import { createdFromEpoch, parseCreatedTime, readCreated } from './created-time.js';

test.each([
  ['2025-12-17', '2025-12-17T00:00:00Z'],
  ['2025-12-17T09:30:01', '2025-12-17T09:30:01Z'],
  ['2025-12-17T09:30:01.250', '2025-12-17T09:30:01.25Z'],
  ['1969-12-31T19:00:00-05:00', '1969-12-31T19:00:00-05:00'],
  ['2025-12-17T09:30:01Z', '2025-12-17T09:30:01Z'],
  ['2025-12-17T09:30:01+00:00', '2025-12-17T09:30:01Z'],
  ['2025-12-17T09:30:01-00:00', '2025-12-17T09:30:01Z'],
  ['2025-12-17T09:30:01.000000000+05:45', '2025-12-17T09:30:01+05:45'],
  ['2025-12-17T09:30:01.1234567899Z', '2025-12-17T09:30:01.123456789Z'],
  ['2024-02-29', '2024-02-29T00:00:00Z'],
  ['0000-01-01', '0000-01-01T00:00:00Z'],
])('%s is written as %s', (text, written) => {
  expect(parseCreatedTime(text)).toBe(written);
});

test.each([
  '',
  'now',
  '2025-13-01',
  '2025-00-01',
  '2025-02-29',
  '2025-04-31',
  '2025-1-1',
  '2025-12-17Z',
  '2025-12-17T24:00:00Z',
  '2025-12-17T09:60:00',
  '2025-12-17T09:30:60',
  '2025-12-17T09:30',
  '2025-12-17 09:30:01',
  '2025-12-17T09:30:01+24:00',
  '2025-12-17T09:30:01+05:60',
  '2025-12-17T09:30:01z',
  '2025-12-17T09:30:01Z\n',
])('%j is not a time', (text) => {
  expect(() => parseCreatedTime(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test.each([
  ['0', '1970-01-01T00:00:00Z'],
  ['1700000000', '2023-11-14T22:13:20Z'],
  ['-1', '1969-12-31T23:59:59Z'],
  ['253402300799', '9999-12-31T23:59:59Z'],
])('%s seconds are %s', (seconds, written) => {
  expect(createdFromEpoch(seconds)).toBe(written);
});

test.each(['', 'x', '1.5', '1e3', ' 1', '253402300800', '-99999999999999'])(
  '%j is not a count of seconds',
  (seconds) => {
    expect(() => createdFromEpoch(seconds)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

test('the moment and the zone of a written time are read back', () => {
  expect(readCreated('1969-12-31T19:00:00-05:00')).toEqual({ milliseconds: 0, zone: '-05:00' });
  expect(readCreated('1970-01-01T00:00:00.0015Z')).toEqual({ milliseconds: 1, zone: 'Z' });
});

test.each(['1970-01-01', '1970-01-01T00:00:00', '1970-01-01T00:00:00+00:00', '1970-01-01T00:00:00.50Z', 'x'])(
  '%s is not a time as Go writes it',
  (text) => {
    expect(readCreated(text)).toBeUndefined();
  },
);
