import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { yamlShapes } from '../../../test/support/random/yaml-shapes.js';

const place = { file: 'a.yaml', document: 1, line: 1 };
const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * How often any block of the reader's code runs while 16 and 64 KiB of each shape are read: the same on every machine.
 * In a separate process, since blocks are counted in code that was loaded after the counting began.
 */
const counting = `
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const { yamlShapes } = await import('./test/support/random/yaml-shapes.ts');
  const { parseYaml } = await import('./src/tekton/yaml/parse-yaml.ts');
  const stepsOf = async (text) => {
    await session.post('Profiler.takePreciseCoverage');
    try {
      parseYaml(text, ${JSON.stringify(place)});
    } catch (error) {
      if (error.code !== 'YAML_INVALID') throw error;
    }
    const { result } = await session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ url }) => url.includes('/src/tekton/yaml/'))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
      .reduce((sum, { count }) => sum + count, 0);
  };
  const steps = {};
  for (const [name, shape] of Object.entries(yamlShapes)) {
    for (let round = 0; round < 3; round++) await stepsOf(shape(4 * 1024));
    steps[name] = [await stepsOf(shape(16 * 1024)), await stepsOf(shape(64 * 1024))];
  }
  process.stdout.write(JSON.stringify(steps));`;

let steps: Readonly<Record<string, readonly [small: number, large: number]>>;

beforeAll(async () => {
  steps = JSON.parse(await runTypeScript(counting));
});

// A reader that is not linear takes sixteen times as many; V8 loses some counts where it compiles code again meanwhile.
// The time itself is measured in test/interop.
test.each(Object.keys(yamlShapes))('the steps to read grow with the text: %s', (name) => {
  const [small, large] = steps[name]!;
  expect(small).toBeGreaterThan(1_000);
  expect(large / small).toBeLessThan(8);
});

/** Runs lines that may import our sources, and returns what they print. */
async function runTypeScript(program: string, ...options: string[]): Promise<string> {
  const words = [...options, '--import', './scripts/typescript.mjs', '--input-type=module', '-e', program];
  return (await promisify(execFile)(process.execPath, words, { cwd: root })).stdout;
}

/** Reads 4 MiB of a shape in a separate process with a heap of this many MiB. */
async function readWithHeap(shape: string, mebibytes: number): Promise<string> {
  const program = `
    const { yamlShapes } = await import('./test/support/random/yaml-shapes.ts');
    const { parseYaml } = await import('./src/tekton/yaml/parse-yaml.ts');
    const text = yamlShapes[${JSON.stringify(shape)}](4 * 1024 * 1024);
    try {
      parseYaml(text, ${JSON.stringify(place)});
      process.stdout.write('read');
    } catch (error) {
      process.stdout.write(String(error.code));
    }`;
  return runTypeScript(program, `--max-old-space-size=${mebibytes}`, '--max-semi-space-size=1');
}

// Node and the loader of TypeScript take some 15 MiB of it.
test.each(['a list in brackets', 'a list of lines', 'many words on a line', 'escapes', 'wide keys'])(
  '4 MiB are read in less than ten times the memory: %s',
  async (shape) => {
    expect(await readWithHeap(shape, 15 + 40)).toBe('read');
  },
);

test('4 MiB of mappings of one short entry are refused before they take ten times the memory', async () => {
  expect(await readWithHeap('short mappings', 15 + 40)).toBe('YAML_INVALID');
});
