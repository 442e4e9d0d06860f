import { expect, test } from 'vitest';
import { isBundlesError } from '../../src/errors.js';
import { parseYaml } from '../../src/tekton/yaml/parse-yaml.js';
import { yamlShapes } from '../support/random/yaml-shapes.js';

/** Seconds of this process's processor, the least of three tries. */
function costOf(text: string): number {
  return Math.min(...[1, 2, 3].map(() => costOnce(text)));
}

function costOnce(text: string): number {
  const { user } = process.cpuUsage();
  try {
    parseYaml(text, { file: 'a.yaml', document: 1, line: 1 });
  } catch (error) {
    if (!isBundlesError(error, 'YAML_INVALID')) throw error;
  }
  return (process.cpuUsage().user - user) / 1e6;
}

// Sixteen times the text: a linear reader needs some 16 times as long, a quadratic one 256 times. What the engine does
// in one step, such as joining text, is seen here alone.
test.each(Object.entries(yamlShapes))('the time to read grows with the text: %s', (_, shape) => {
  const [small, large] = [shape(16 * 1024), shape(256 * 1024)];
  costOf(small);
  expect(costOf(large)).toBeLessThan(0.1 + 40 * costOf(small));
});
