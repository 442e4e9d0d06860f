import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../src/cli/program.js';
import { silentContext } from './support/silent-context.js';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs', 'commands.md'), 'utf8');
interface Leaf {
  /** `registry serve`. */
  readonly name: string;
  readonly command: Command;
}

function leaves(command: Command, path: readonly string[] = []): Leaf[] {
  return command.commands.flatMap((child) => {
    const name = [...path, child.name()];
    return child.commands.length > 0 ? leaves(child, name) : [{ name: name.join(' '), command: child }];
  });
}

const commands = leaves(createProgram({ context: silentContext, exitCode: 0 }));
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
    'bump',
    'build',
    'push',
    'list',
    'inspect',
    'diff',
    'explain',
    'export',
    'verify',
    'doctor',
    'lint',
    'pin',
    'copy',
    'promote',
    'run',
    'schema generate',
    'schema convert',
    'schema validate',
    'register',
    'with',
    'up',
    'registry serve',
    'registry gc',
    'registry deploy',
    'catalog serve',
    'report',
    'images ensure',
    'images prune',
    'init',
    'login',
    'logout',
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

test.each(commands)('every option of $name is documented', ({ name, command }) => {
  const shared = ['--output', '--quiet', '--verbose', '--no-color', '--help'];
  const runOptions = name === 'check' ? (section('ensure') ?? '') : '';
  const rows = ((section(name) ?? '') + runOptions).split('\n').filter((line) => line.startsWith('|'));
  const text = rows.join('\n') + (page.split(/^## /m)[0] ?? '');
  for (const { long } of command.options.filter(({ long }) => !shared.includes(long ?? ''))) {
    const known = text.includes(`\`${long}`) || (long === '--file' && text.includes('`-f FILE`'));
    expect(known || text.includes(`${variableOf(long)}`), `${long}`).toBe(true);
  }
});

/** Options of a run stand beside their variable. */
function variableOf(long: string | undefined): string {
  return `BUNDLES_${(long ?? '').slice(2).replaceAll('-', '_').toUpperCase()}`;
}

test('the page has no section of a command that does not exist', () => {
  const headings = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings.filter((heading) => heading !== 'JSON of ensure and check')).toEqual(names);
});
