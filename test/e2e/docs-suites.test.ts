import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import * as kit from '../../src/public/testing.js';

const text = readFileSync(new URL('../../docs/guides/test-suites.md', import.meta.url), 'utf8');

test('the example of docs/guides/test-suites.md prepares the sample workflows', async () => {
  const [, example = ''] = /^```ts\n([\s\S]*?)^```/m.exec(text) ?? [];
  const body = example.replace(/^import .*$/m, '');
  const source = `export async function run({ prepareWorkflows }) {\n${body}\nreturn { reference, digest, schema };\n}`;
  const { code } = await transform(source, { loader: 'ts', target: 'node20', format: 'esm' });
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  const { run } = (await import(/* @vite-ignore */ url)) as {
    run(given: typeof kit): Promise<{ reference: string; digest: string; schema: string }>;
  };
  const { reference, digest, schema } = await run(kit);
  expect(reference).toMatch(new RegExp(`^127\\.0\\.0\\.1:\\d+/hello-world:v1\\.0\\.0@${digest}$`));
  expect(schema).toMatch(/hello-world-workflow-schema\.yaml$/);
});

test('docs/guides/test-suites.md lists the options of prepareWorkflows', () => {
  const source = readFileSync(new URL('../../src/testing/prepare-workflows.ts', import.meta.url), 'utf8');
  const [, body = ''] = /interface PrepareWorkflowsOptions \{([\s\S]*?)^\}/m.exec(source) ?? [];
  const options = [...body.matchAll(/readonly (\w+)\?/g)].map((match) => match[1]);
  const listed = [...text.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(listed).toEqual(options);
});
