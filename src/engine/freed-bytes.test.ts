import { expect, test } from 'vitest';
import type { ImageLayers } from './engine.js';
import { freedBytes } from './freed-bytes.js';

function image(layers: string, more: Partial<ImageLayers> = {}): ImageLayers {
  const each = [...layers];
  return {
    layers: each,
    parent: '',
    named: true,
    sizes: each.map((name) => name.charCodeAt(0) - 96),
    ...more,
  };
}

test('a layer is freed with the last image that has it, and counts once', () => {
  const all = new Map([
    ['one', image('abc')],
    ['two', image('abd')],
    ['base', image('a')],
    // The same layer over another one is stored beside it.
    ['other', image('ba')],
  ]);
  expect(freedBytes(all, ['one'])).toEqual([3]);
  expect(freedBytes(all, ['one', 'two'])).toEqual([3, 4 + 2]);
  expect(freedBytes(all, ['one', 'two', 'base'])).toEqual([3, 6, 1]);
  expect(freedBytes(all, ['base', 'other', 'gone'])).toEqual([0, 3, undefined]);
});

test('unnamed images go with the last image that was made from them', () => {
  const all = new Map([
    ['top', image('abc', { parent: 'middle' })],
    ['middle', image('ab', { parent: 'bottom', named: false })],
    ['bottom', image('a', { named: false })],
    ['second', image('ad', { parent: 'bottom' })],
  ]);
  expect(freedBytes(all, ['top'])).toEqual([3 + 2]);
  expect(freedBytes(all, ['top', 'second'])).toEqual([5, 4 + 1]);
});

test('what is freed is unknown where the size of a freed layer is', () => {
  const unknown = { sizes: undefined };
  const all = new Map([
    ['one', image('ab', unknown)],
    ['two', image('a')],
  ]);
  expect(freedBytes(all, ['two', 'one'])).toEqual([0, undefined]);
  expect(
    freedBytes(
      new Map([
        ['one', image('a', unknown)],
        ['two', image('a', unknown)],
      ]),
      ['one'],
    ),
  ).toEqual([0]);
});
