import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { documentPages, root } from './support/documents/fences.js';
import { writtenLines } from './support/documents/written-text.js';

/** Phrases that a native technical writer would not use here, each with what to write instead. */
const phrases: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\btold\b/i, 'reported, given, or an imperative'],
  // Sample objects say hello: that is their content.
  [/\bsays\b|\bSays(?! (?:hello|goodbye|it\b|…)|: hello)/, 'states, contains, declares, reports'],
  [/\b(?:stands|stood)\b/i, 'is, is in, represents'],
  [/\bwhoever\b/i, 'anyone who, a client that'],
  [/\bfor ever\b/i, 'permanently, indefinitely'],
  [/\banew\b/i, 'again'],
  [/\bnobody (?:here|is asked|may)\b|\basks? nobody\b|\basked nobody\b/i, 'not allowed; no request is sent'],
  [/\b(?:at|brings?|goes|went) home\b/i, 'at the declared repository'],
  [/\bwho we are\b/i, 'the credential, the client certificate'],
  [/\bin no way\b/i, 'unsupported'],
  [/\bin so many words\b/i, 'explicitly'],
  [/\bgives? no answer\b/i, 'is unreachable, does not respond'],
  [/\bone sees\b/i, 'you see'],
  [/\bneeds? no word\b/i, 'detected automatically'],
  [/\bleave by verdict\b/i, 'exit with the status of the verdict'],
  [/\bdoes not speak\b/i, 'does not support'],
  [
    /(?<!\bthere )(?<!\bhere )\b(?:is|was|are|were) no (?!longer\b|more\b|other\b|such\b|less\b|fewer\b|one\b)[a-z]/i,
    'is not a',
  ],
];

const written = [
  ...documentPages(),
  'examples/README.md',
  ...under('src', /\.(?:ts|md)$/),
  ...under('test', /(?<!english\.test)\.(?:ts|mjs)$/),
  ...under('scripts', /\.(?:ts|mjs|sh)$/),
];

function under(directory: string, name: RegExp): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .map((file) => `${directory}/${file.replaceAll('\\', '/')}`)
    .filter((file) => name.test(file));
}

/** Each phrase found, as `file:line: phrase (instead)`. */
function findingsIn(file: string, content = readFileSync(join(root, file), 'utf8')): readonly string[] {
  return writtenLines(file, content).flatMap(({ line, text }) =>
    phrases.flatMap(([phrase, instead]) => {
      const found = phrase.exec(text)?.[0];
      return found === undefined ? [] : [`${file}:${line}: "${found}" (${instead})`];
    }),
  );
}

test('documents, help, messages, comments and titles of tests are plain technical English', () => {
  expect(written.length).toBeGreaterThan(500);
  expect(written.flatMap((file) => findingsIn(file))).toEqual([]);
});

test('phrases are found in prose, comments, strings and templates, and not in code', () => {
  const page = 'The lock says so.\n\n```sh\necho told\n```\n\nIt `stands`, and one is told.\n';
  expect(findingsIn('x.md', page)).toEqual([
    expect.stringMatching(/^x\.md:1: "says"/),
    expect.stringMatching(/^x\.md:7: "told"/),
  ]);
  const code = [
    '/** Nobody is asked.\n * It is no file. */',
    "const told = 'it was no tag'; // begins anew",
    'const text = `for $' + '{told} ever`, address = "https://told.example/";',
  ].join('\n');
  expect(findingsIn('x.ts', code).map((finding) => finding.split(' (')[0])).toEqual([
    'x.ts:1: "Nobody is asked"',
    'x.ts:2: "is no f"',
    'x.ts:3: "was no t"',
    'x.ts:3: "anew"',
    'x.ts:4: "told"',
  ]);
  expect(findingsIn('x.ts', '// There is no file, and it is no longer here.')).toEqual([]);
});
