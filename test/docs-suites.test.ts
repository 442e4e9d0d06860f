import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The examples of the page run in test/documents/pages.test.ts.

test('docs/guides/test-suites.md lists the options of prepareWorkflows', () => {
  const page = readFileSync(new URL('../docs/guides/test-suites.md', import.meta.url), 'utf8');
  const [, text = ''] = page.split('## TypeScript and JavaScript: the library');
  const source = readFileSync(new URL('../src/testing/prepare-workflows.ts', import.meta.url), 'utf8');
  const [, body = ''] = /interface PrepareWorkflowsOptions \{([\s\S]*?)^\}/m.exec(source) ?? [];
  const options = [...body.matchAll(/readonly (\w+)\?/g)].map((match) => match[1]);
  const listed = [...text.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
  expect(options.length).toBeGreaterThan(8);
  expect(listed).toEqual(options);
});
