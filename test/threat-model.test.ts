import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = ['threat-model', 'threat-pull-request', 'threat-registries'];
const text = pages.map((page) => readFileSync(join(root, `docs/explanation/${page}.md`), 'utf8')).join('\n');
const named = [...text.matchAll(/`((?:src|test)\/[^`:]+\.test\.ts): ([^`]+)`/g)].map(
  ([, file = '', title = '']) => ({ file, title }),
);

test('the threat model names tests', () => {
  expect(named.length).toBeGreaterThan(40);
});

test.each(named)('$file has a test "$title"', ({ file, title }) => {
  const path = join(root, file);
  expect(existsSync(path), file).toBe(true);
  const code = readFileSync(path, 'utf8').replaceAll("\\'", "'");
  expect([`'${title}'`, `"${title}"`, `\`${title}\``].some((literal) => code.includes(literal))).toBe(true);
});

test('every line of its tables names a test', () => {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:cannot|file|attacker) /.test(line))
    // The list of attackers leads to the pages.
    .filter((line) => !/ \| \[[a-z ]+\]\([^)]+\) \|$/.test(line));
  const without = lines.filter((line) => !/`(?:src|test)\/[^`]+\.test\.ts: /.test(line));
  expect(without).toEqual([]);
});
