import { expect, test } from 'vitest';
import { nearest, nearestOrLonger } from './nearest.js';

test.each([
  ['bundels', ['bundles', 'version'], 'bundles'],
  ['critcal', ['critical', 'high', 'medium', 'low'], 'critical'],
  ['depends_on', ['description', 'dependsOn'], 'dependsOn'],
  ['Severity', ['severity'], 'severity'],
  ['lo', ['low', 'high'], 'low'],
  ['p9', ['P0', 'P1'], 'P0'],
  ['repostiory', ['repository', 'version'], 'repository'],
])('%s is taken for a misspelling', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});

test('a word far from every candidate has no neighbour', () => {
  expect(nearest('tasks', ['version', 'repository'])).toBeUndefined();
  expect(nearest('x', ['version'])).toBeUndefined();
  expect(nearest('', ['version'])).toBeUndefined();
  expect(nearest('a'.repeat(1_000_000), ['version'])).toBeUndefined();
});

test.each([
  ['dir', ['directory', 'format'], 'directory'],
  ['int', ['string', 'integer'], 'integer'],
  ['DATA_S', ['dataStorage', 'manifests'], 'dataStorage'],
  ['fromat', ['directory', 'format'], 'format'],
  ['in', ['string', 'integer'], undefined],
  ['par', ['parameters', 'parts'], undefined],
  ['', ['integer'], undefined],
])('the beginning %s of one word alone is taken for it', (word, candidates, expected) => {
  expect(nearestOrLonger(word, candidates)).toBe(expected);
});
