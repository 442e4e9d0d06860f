import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { optionsOf } from '../src/cli/command.js';
import { commands } from '../src/cli/commands.js';
import { variables } from '../src/cli/help/variables.js';

const source = join(import.meta.dirname, '..', 'src');
const texts = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'))
  .map((file) => ({
    file,
    text: readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''),
  }));

test('a text that names a command to type names the program so that it can be typed anywhere', () => {
  const names = commands.map(({ name }) => (name === 'with' ? 'with -- ' : `${name}\\b`)).join('|');
  const bare = new RegExp(`(?<!npx tekton-)\\bbundles (?:${names}|help\\b|--help)`, 'g');
  // The man page is that of a program on the PATH.
  const pages = texts.filter(({ file }) => !file.endsWith('man-page.ts'));
  const found = pages.flatMap(({ file, text }) =>
    text
      .split('\n')
      // What wrote a file is not what to type.
      .filter(
        (line) => bare.test(line) && !/Written by bundles ensure|What `bundles ensure` makes/.test(line),
      )
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
  expect(texts.filter(({ text }) => /npx (?:-\S+ )*bundles\b/.test(text)).map(({ file }) => file)).toEqual(
    [],
  );
});

test('hints name documents by their address', () => {
  const relative = texts
    // It names the files that it writes.
    .filter(({ file }) => !file.endsWith('reference-pages.ts'))
    .filter(({ text }) => /['"`][^'"`\n]*\bdocs\/[a-z]+\.md/.test(text))
    .map(({ file }) => file);
  expect(relative).toEqual([]);
});

test('help environment names every variable that is read', () => {
  const read = texts.flatMap(({ text }) => [
    ...[...text.matchAll(/\benvironment\.([A-Z][A-Z_]+)\b|\bset\('([A-Z][A-Z_]+)'\)/g)].map(
      (match) => match[1] ?? match[2],
    ),
    ...[...text.matchAll(/\{([A-Z_, ]+)\} = (?:context\.)?environment\b/g)].flatMap((match) =>
      match[1]!.split(','),
    ),
  ]);
  const named = [
    ...variables.flatMap(({ name }) => name.split(', ')),
    ...commands.flatMap(optionsOf).flatMap(({ variable }) => variable ?? []),
  ];
  const missing = [...new Set(read.map((name) => name!.trim()))].filter(
    (name) => !['', 'PATH'].includes(name) && !named.includes(name),
  );
  expect(missing).toEqual([]);
});
