import { expect, test } from 'vitest';
import { wrap } from './wrap.js';
import { createOutput } from './writer.js';

const script = { runs: 'npm run ensure', command: 'ensure', separator: ' -- ' };

function output(started: { program: string; script?: typeof script }) {
  const written: string[] = [];
  const sink = { write: (text: string) => void written.push(text), isTerminal: false, columns: 80 };
  return { written, ...createOutput({ stdout: sink, stderr: sink, started: () => started }) };
}

test('texts, annotations and hints in JSON name the program as it was started; YAML and other values stay', async () => {
  const { stdout, written } = output({ program: 'bundles', script });
  const text = 'run: npx tekton-bundles ensure a';
  stdout.line(text);
  stdout.text(`${text}\n`);
  stdout.annotate({ level: 'error', title: 't', lines: [text] });
  stdout.json({ hint: text, error: { hint: text, message: text }, list: [{ remedy: text }] }, { indent: 0 });
  await stdout.yaml(`${text}\n`);
  const here = 'run: npm run ensure -- a';
  expect(written).toEqual([
    `${here}\n`,
    `${here}\n`,
    `::error title=t::${here}\n`,
    `${JSON.stringify({ hint: here, error: { hint: here, message: text }, list: [{ remedy: here }] })}\n`,
    `${text}\n`,
  ]);
});

test('a command is named before its line is broken', () => {
  const screen = { paint: (_: string, text: string) => text, width: 24, unicode: true };
  const text = 'run: npx tekton-bundles bump a';
  const { stdout } = output({ program: 'bundles' });
  expect(wrap(text, { indent: 0 }, { ...screen, clean: stdout.clean })).toEqual(['run: bundles bump a']);
});
