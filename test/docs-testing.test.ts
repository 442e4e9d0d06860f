import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import * as kit from '../src/public/testing.js';

const text = readFileSync(new URL('../docs/guides/faulty-registries.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
const modules: Readonly<Record<string, object>> = {
  'tekton-bundles/testing': kit,
};

test('docs/guides/faulty-registries.md starts a registry in three lines', () => {
  const [first = ''] = examples;
  expect(first.split('\n').filter((line) => line.trim() !== '')).toHaveLength(3);
});

test.each(examples.map((example, index) => [index + 1, example] as const))(
  'example %i of docs/guides/faulty-registries.md does what it says',
  async (_number, example) => {
    const body = example.replace(
      /^import \{([^}]*)\} from '([^']+)';$/gm,
      (_line, names: string, from: string) => `const {${names}} = modules[${JSON.stringify(from)}];`,
    );
    const source = `export async function run(modules, expect) {\n${body}\n}`;
    const { code } = await transform(source, { loader: 'ts', target: 'node20', format: 'esm' });
    const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
    const { run } = (await import(/* @vite-ignore */ url)) as {
      run(given: typeof modules, expecting: typeof expect): Promise<void>;
    };
    await run(modules, expect);
  },
);

/** First column of the table below a heading. */
function listed(heading: string): string[] {
  const [, part = ''] = text.split(`## ${heading}\n`);
  return [...(part.split(/^## /m)[0] ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map((match) => match[1]!);
}

test('docs/guides/faulty-registries.md lists every profile and every fault, and no other', () => {
  expect(listed('Profiles')).toEqual(Object.keys(kit.profiles));
  const others = ['on', 'hostilePlaces', 'hostileWords', 'retryAfterForms'];
  const faults = Object.keys(kit.faults).filter((name) => !others.includes(name));
  expect(listed('Faults').sort()).toEqual(faults.sort());
  const phases = ['formatPhases', 'phase', 'runPhases'];
  const names = [...others, ...Object.keys(kit).filter((name) => !phases.includes(name))];
  for (const name of names) if (name !== 'hostileWords') expect(text, name).toContain(name);
});
