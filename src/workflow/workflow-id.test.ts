import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalContent } from './canonical-content.js';
import { workflowIdentity } from './workflow-id.js';

interface Answer {
  readonly rule: string;
  readonly document: unknown;
  readonly content: string;
  readonly canonicalHash: string;
  readonly workflowId: string;
}

const answers = readFileSync(new URL('../../test/vectors/workflows.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Answer);

test.each(answers)(
  'what Go makes of a workflow: $rule',
  ({ document, content, canonicalHash, workflowId }) => {
    expect(canonicalContent(document)).toBe(content);
    expect(workflowIdentity(document)).toEqual({ canonicalHash, workflowId });
  },
);

test('nothing but a mapping has an identity of its own, and none is thrown over', () => {
  for (const value of [null, undefined, 'x', [], { spec: { parameters: [null, 1], labels: 'x' } }])
    expect(workflowIdentity(value).workflowId).toMatch(/^[0-9a-f-]{36}$/);
});
