import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { yamlShapes } from '../../../test/support/yaml-shapes.js';
import { isBundlesError } from '../../errors.js';
import { parseYaml } from './parse-yaml.js';

const place = { file: 'a.yaml', document: 1, line: 1 };

/** Seconds of this process's processor, the least of three tries. */
function costOf(text: string): number {
  return Math.min(...[1, 2, 3].map(() => costOnce(text)));
}

function costOnce(text: string): number {
  const { user } = process.cpuUsage();
  try {
    parseYaml(text, place);
  } catch (error) {
    if (!isBundlesError(error, 'YAML_INVALID')) throw error;
  }
  return (process.cpuUsage().user - user) / 1e6;
}

// Sixteen times the text: a linear reader needs some 16 times as long, a quadratic one 256 times.
test.each(Object.entries(yamlShapes))('the time to read grows with the text: %s', (_, shape) => {
  const [small, large] = [shape(16 * 1024), shape(256 * 1024)];
  costOf(small);
  expect(costOf(large)).toBeLessThan(0.1 + 40 * costOf(small));
});

/** Reads 4 MiB of a shape in a process of its own whose heap has this many MiB. */
async function readWithHeap(shape: string, mebibytes: number): Promise<string> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const program = `
    const { yamlShapes } = await import('./test/support/yaml-shapes.ts');
    const { parseYaml } = await import('./src/tekton/yaml/parse-yaml.ts');
    const text = yamlShapes[${JSON.stringify(shape)}](4 * 1024 * 1024);
    try {
      parseYaml(text, ${JSON.stringify(place)});
      process.stdout.write('read');
    } catch (error) {
      process.stdout.write(String(error.code));
    }`;
  const limits = [`--max-old-space-size=${mebibytes}`, '--max-semi-space-size=1'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...limits, '--import', './scripts/typescript.mjs', '--input-type=module', '-e', program],
    { cwd: root },
  );
  return stdout;
}

// Node and the loader of TypeScript take some 15 MiB of it.
test.each(['a list in brackets', 'a list of lines', 'many words on a line', 'escapes', 'wide keys'])(
  '4 MiB are read in less than ten times the memory: %s',
  async (shape) => {
    expect(await readWithHeap(shape, 15 + 40)).toBe('read');
  },
);
