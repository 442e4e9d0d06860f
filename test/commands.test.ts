import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { optionsOf, parseFlags } from '../src/cli/command.js';
import { commands } from '../src/cli/commands.js';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs', 'commands.md'), 'utf8');
const names = commands.map(({ name }) => name);

/** The part of docs/commands.md below the heading of this name. */
function section(name: string): string | undefined {
  const [, text] = page.split(new RegExp(`^## ${name}$`, 'm'));
  return text?.split(/^## /m)[0];
}

test('the program knows the commands of this version', () => {
  expect(names).toEqual([
    'ensure',
    'check',
    'verify',
    'lint',
    'pin',
    'bump',
    'lock merge',
    'update-refs',
    'list',
    'inspect',
    'digest',
    'tags',
    'diff',
    'explain',
    'graph',
    'build',
    'push',
    'copy',
    'tag',
    'promote',
    'release',
    'export',
    'sbom',
    'sign',
    'attest',
    'trusted-tasks',
    'generate-key-pair',
    'with',
    'up',
    'registry serve',
    'registry gc',
    'registry deploy',
    'images ensure',
    'images prune',
    'images ps',
    'init',
    'login',
    'logout',
    'completion',
    'doctor',
    'version',
    'schema generate',
    'schema convert',
    'schema validate',
    'register',
    'run',
    'catalog serve',
    'report',
  ]);
});

test.each(names)('%s has an end-to-end test that succeeds and one of bad input', (name) => {
  const file = join(root, 'test', 'e2e', `${name.replaceAll(' ', '-')}.test.ts`);
  expect(existsSync(file), file).toBe(true);
  const code = readFileSync(file, 'utf8');
  // Only these two helpers count: they fail unless they really run the command and it really ends so.
  expect(code).toMatch(new RegExp(`^good\\('${name}', `, 'm'));
  expect(code).toMatch(new RegExp(`^bad\\('${name}', `, 'm'));
});

test.each(commands)('$name has a section with what it does, its exit statuses and an example', ({ name }) => {
  const text = section(name);
  expect(text?.trim()).toBeTruthy();
  expect(text).toMatch(/^Exit[: ]/m);
  expect(text).toContain(`npx tekton-bundles ${name}`);
  expect(page).toContain(`[${name}](#${name.replaceAll(' ', '-')})`);
});

/** Rows of the tables in the section of a command. */
const rowsOf = (name: string) => (section(name) ?? '').split('\n').filter((line) => line.startsWith('|'));

test.each(commands)(
  'every option of $name is documented, or its section links to docs/options.md',
  (command) => {
    const { name } = command;
    if (section(name)?.includes(`(options.md#${name.replaceAll(' ', '-')})`)) return;
    const shared = ['output', 'quiet', 'verbose', 'no-color', 'help'];
    const rows = [...rowsOf(name), ...(name === 'check' ? rowsOf('ensure') : [])];
    const text = rows.join('\n') + (page.split(/^## /m)[0] ?? '');
    for (const { long: word } of optionsOf(command).map(parseFlags)) {
      // -C is described once, for all.
      if (word === undefined || shared.includes(word)) continue;
      const long = `--${word}`;
      const known = text.includes(`\`${long}`) || (long === '--file' && text.includes('`-f FILE`'));
      expect(known || text.includes(`${variableOf(long)}`), `${long}`).toBe(true);
    }
  },
);

test.each(commands)('the tables of $name name no option that it does not have', (command) => {
  const known = optionsOf(command).map((row) => `--${parseFlags(row).long}`);
  const named = rowsOf(command.name)
    .filter((row) => row.startsWith('| `-'))
    .flatMap((row) => row.split(' | ')[0]?.match(/(?<=`)--[\w-]+/g) ?? []);
  for (const option of named) expect(known).toContain(option);
});

/** Options of a run stand beside their variable. */
function variableOf(long: string): string {
  return `BUNDLES_${long.slice(2).replaceAll('-', '_').toUpperCase()}`;
}

test('the page has no section of a command that does not exist', () => {
  const headings = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings.filter((heading) => heading !== 'JSON of ensure and check')).toEqual(names);
});
