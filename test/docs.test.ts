import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../src/cli/exit-codes.js';
import { exitStatuses } from '../src/cli/help/exit-statuses.js';
import { referencePages } from '../src/cli/help/reference-pages.js';
import { errorCodes } from '../src/errors.js';
import { describeFieldDifferences, fieldDifferences } from './support/field-differences.js';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

/** Without fenced code. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

/** As GitHub makes the anchor of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

const anchorsOf = (path: string) =>
  [...prose(readFileSync(path, 'utf8')).matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1]!));

test('the documents a newcomer needs are there', () => {
  for (const name of ['commands', 'configuration', 'yaml', 'errors', 'glossary', 'registry', 'dependencies'])
    expect(documents).toContain(join('docs', `${name}.md`));
});

test.each(documents)('every relative link of %s leads somewhere', (document) => {
  const path = join(root, document);
  const links = [...prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  for (const link of links.filter((target) => !/^[a-z]+:/.test(target))) {
    const [file = '', fragment] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    expect(existsSync(target), `${document}: ${link}`).toBe(true);
    expect(relative(root, target), `${document}: ${link} leaves the repository`).not.toMatch(/^\.\./);
    if (fragment !== undefined) expect(anchorsOf(target), `${document}: ${link}`).toContain(fragment);
  }
});

test('no document tells people to run the unrelated package of npm that is called bundles', () => {
  for (const document of documents) expect(read(document), document).not.toMatch(/npx (?:-\S+ )*bundles\b/);
});

test('README begins with the picture, the two lines and the three recipes', () => {
  const text = read('README.md');
  const places = [
    'bundles.yaml ──▶',
    'npm ci && npm run ensure',
    'npm ci && npm test',
    'ensure --profile pull-request` (`--no-push --on-different fallback`)',
    'ensure --profile release` (`--frozen --no-fallback`)',
    'ensure --profile local` (`--no-push`)',
    '| question | command |',
  ].map((part) => text.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((left, right) => left - right));
});

test('README names every exit status and no other', () => {
  const [, table = ''] = read('README.md').split('## Exit status');
  const rows = [...table.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map((match) => [Number(match[1]), match[2]]);
  expect(rows).toEqual(exitStatuses);
  const named = rows.map(([status]) => status);
  const used = [...new Set([0, ...Object.values(exitCodes)])].sort((left, right) => left - right);
  expect(named).toEqual(used);
});

test.each(Object.entries(referencePages))(
  '%s is what the tables of the program say: npm run reference',
  (file, write) => {
    expect(read(file)).toBe(write(read(file)));
  },
);

test('docs/errors.md has a paragraph with exit status and remedy for each code, and for no other', () => {
  const parts = read('docs/errors.md').split(/^### /m).slice(1);
  const codes = parts.map((part) => part.split('\n')[0]);
  expect([...codes].sort()).toEqual([...errorCodes].sort());
  for (const part of parts) {
    const code = part.split('\n')[0] as keyof typeof exitCodes;
    expect(/^Exit status (\d+)\. \S.{20}/m.exec(part)?.[1], code).toBe(String(exitCodes[code]));
    expect(part, code).toMatch(/^\*What to do:\* \S.{8}/m);
  }
});

test('docs/dependencies.md gives a reason for each package, and for no other', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const [, runtime = '', development = ''] = read('docs/dependencies.md').split(/^## .+$/m);
  const listed = (text: string) =>
    [...text.matchAll(/^\| `([^`]+)` \| \S.{10,} \|$/gm)].map((match) => match[1]);
  expect(listed(runtime).sort()).toEqual(Object.keys(dependencies).sort());
  expect(listed(development).sort()).toEqual(Object.keys(devDependencies).sort());
});

test('a word stands once in the glossary', () => {
  const words = [...read('docs/glossary.md').matchAll(/^- \*\*(.+?)\*\*: \S/gm)].map((match) => match[1]);
  expect(words.length).toBeGreaterThan(30);
  expect(words).toEqual([...new Set(words)]);
});

test('docs/yaml.md names the values that we and Go judge differently, and no other', () => {
  const [, section] = read('docs/yaml.md').split('## Values that both do not judge alike\n');
  const lines = section?.split('\n').filter((line) => line.startsWith('- '));
  expect(lines?.join('\n')).toBe(describeFieldDifferences());
  // The list may only shrink.
  expect(fieldDifferences.length).toBeLessThanOrEqual(1);
});
