import { expect, test } from 'vitest';
import { faultsOf, readFences } from '../support/documents/fences.js';
import { playPage } from '../support/documents/play-page.js';
import { shellCommands } from '../support/documents/shell-lines.js';
import { expectOutput } from '../support/documents/shown-output.js';

const fence = (info: string, text: string) => `\`\`\`${info}\n${text}\n\`\`\`\n`;
const program = async () => 0;
const play = (text: string) => playPage('docs/sample.md', { program, text });

test.each([
  ['text that shows the output of nothing', fence('text', 'hello')],
  ['a language that nothing runs', fence('go', 'package x')],
  ['a reason without words', fence('sh not-run=""', 'x')],
  ['an unknown attribute', fence('sh because="it needs a cluster"', 'x')],
  ['words that are not an attribute', fence('sh never', 'x')],
  ['a test that is not there', fence('ts run-by="test/none.test.ts"', 'x')],
  ['a test that does not name the page', fence('ts run-by="test/vectors.test.ts"', 'x')],
])('refuses %s', (_what, text) => {
  expect(faultsOf('docs/sample.md', text)).toEqual([expect.stringMatching(/^docs\/sample\.md:1: /)]);
});

test('an example of the option tables runs elsewhere, and what it prints has to be compared', () => {
  const example = fence('sh', 'npx tekton-bundles tags quay.io/acme/hello # all of them');
  const page = 'docs/reference/commands/tags.md';
  expect(faultsOf(page, example)).toEqual([]);
  expect(faultsOf(page, example + fence('text', 'v1.0.0'))).toEqual([expect.stringMatching(/:4: shows/)]);
});

test('reads fences in lists, in longer marks and with attributes', () => {
  const listed = fence('sh exit="3" needs="git"', 'a\n  b').replaceAll(/^(?=.)/gm, '   ');
  const text = `1. first\n\n${listed}\`\`\`\`text\n\`\`\`\n\`\`\`\`\n`;
  expect(readFences('docs/sample.md', text)).toMatchObject([
    { line: 3, language: 'sh', attributes: { exit: '3', needs: 'git' }, text: 'a\n  b\n' },
    { line: 7, language: 'text', text: '```\n' },
  ]);
});

test.each([
  ['a command that fails', fence('sh', 'false')],
  ['a command with another status than the page gives', fence('sh exit="3"', 'false')],
  ['a program that a bare machine does not have', fence('sh', 'git --version')],
  ['another output than the page shows', fence('sh', 'echo one') + fence('text', 'two')],
  ['YAML that cannot be read', fence('yaml', 'a: [')],
  ['a bundles.yaml with an unknown value', fence('yaml', 'publish: sometimes')],
  ['JSON that cannot be read', fence('json', '{a}')],
  ['TypeScript that throws', fence('ts', "throw new Error('x')")],
  ['a file outside of the project', fence('yaml file="../x.yaml"', 'a: 1')],
])('a page with %s fails', async (_what, text) => {
  await expect(play(text)).rejects.toThrow();
});

test('commands share a directory, variables and files; what they print is compared without times and digests', async () => {
  const digest = 'a1'.repeat(32);
  await play(
    fence('text file="kept/note.txt"', 'kept') +
      fence('sh', `cd kept\nexport WORD=hello\necho "$WORD"; cat note.txt\necho sha256:${digest} 12 ms`) +
      fence('text', 'hello\n…\nsha256:b2b2b2b2b2b2…   0.4 s') +
      fence('sh exit="7"', 'for n in 1 2; do\n  echo $n\ndone\nexit 7') +
      fence('text', '1\n2') +
      fence('sh needs="cosign"', 'cosign version') +
      fence('ts', "const name: string = 'typed';\nconsole.log(name);") +
      fence('', 'typed'),
  );
});

test('the words of a command are those that a shell would give', () => {
  expect(
    shellCommands(
      `npx tekton-bundles run a \\\n  --param 'M=x y' "z" # note\nbundles check &\nbundles list | head\ncat <<EOF\na\nEOF\n`,
    ),
  ).toEqual([
    { kind: 'program', words: ['run', 'a', '--param', 'M=x y', 'z'], background: false },
    { kind: 'program', words: ['check'], background: true },
    { kind: 'shell', script: 'bundles list | head' },
    { kind: 'shell', script: 'cat <<EOF\na\nEOF' },
  ]);
});

test('a line of dots matches any lines, and only where it is', () => {
  expectOutput('a\nb\nc\n', 'a\n…\nc', 'here');
  expectOutput('a\nc\n', 'a\n…\nc', 'here');
  expect(() => expectOutput('a\nb\nc\nd\n', 'a\n…\nc', 'here')).toThrow();
  expect(() => expectOutput('one 5 times', 'one 6 times', 'here')).toThrow();
});
