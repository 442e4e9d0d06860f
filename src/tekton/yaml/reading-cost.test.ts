import { execFile } from 'node:child_process';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { yamlShapes } from '../../../test/support/yaml-shapes.js';
import { isBundlesError } from '../../errors.js';
import { parseYaml } from './parse-yaml.js';

const place = { file: 'a.yaml', document: 1, line: 1 };
const session = new Session();

beforeAll(async () => {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
});

afterAll(async () => {
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
});

/** How often any block of the reader's code runs while a text is read: the same on every machine. */
async function stepsOf(text: string): Promise<number> {
  await session.post('Profiler.takePreciseCoverage');
  try {
    parseYaml(text, place);
  } catch (error) {
    if (!isBundlesError(error, 'YAML_INVALID')) throw error;
  }
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.includes('/src/tekton/yaml/'))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}

// A reader that is not linear takes sixteen times as many. The time itself is measured in test/interop.
test.each(Object.entries(yamlShapes))('the steps to read grow with the text: %s', async (_, shape) => {
  await stepsOf(shape(1024));
  const [small, large] = [await stepsOf(shape(16 * 1024)), await stepsOf(shape(64 * 1024))];
  expect(small).toBeGreaterThan(50);
  expect(large / small).toBeLessThan(5);
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
