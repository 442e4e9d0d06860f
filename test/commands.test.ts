import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { commandGroups, optionsOf, parseFlags } from '../src/cli/command.js';
import { commands } from '../src/cli/commands.js';
import { commandFile } from '../src/cli/help/command-reference.js';
import { exitStatuses } from '../src/cli/help/topics.js';

const root = join(import.meta.dirname, '..');
const directory = join(root, 'docs', 'reference', 'commands');
const names = commands.map(({ name }) => name);

/** Pages of the directory that are about no single command. */
const others = ['README.md', 'ensure-json.md', 'ensure-shards.md', 'sign-keyless.md', 'sign-objects.md'];

const pageOf = (command: { readonly name: string }) => readFileSync(join(root, commandFile(command)), 'utf8');

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

test.each(commands)('the page of $name has what each page has, in one order', (command) => {
  const page = pageOf(command);
  expect(page).toMatch(new RegExp(`^# ${command.name}\\n\\n\\S.{30}`));
  const headings = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]!);
  const common = ['When to use it', 'Options', 'Examples', 'JSON', 'Exit status'];
  expect(headings.filter((heading) => common.includes(heading))).toEqual(common);
  const [, statuses = ''] = page.split(/^## Exit status$/m);
  const named = [...statuses.matchAll(/^\| (\d+|any)(?: or \d+)? \| \S/gm)].map((match) => match[1]!);
  expect(named.length).toBeGreaterThan(1);
  const known = exitStatuses.map(([status]) => String(status));
  for (const status of named) expect(['any', ...known]).toContain(status);
  expect(page).toContain(`npx tekton-bundles ${command.name}`);
});

test('the index links to each command once, in the order and the groups of help', () => {
  const index = readFileSync(join(directory, 'README.md'), 'utf8');
  const sections = index.split(/^## /m).slice(1);
  const groups = Object.keys(commandGroups);
  expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.values(commandGroups));
  for (const [at, section] of sections.entries()) {
    const own = commands.filter(({ group }) => group === groups[at]);
    const linked = own.map(({ name }) => section.indexOf(`| [${name}](${name.replaceAll(' ', '-')}.md)`));
    expect(linked, section).not.toContain(-1);
    expect(linked).toEqual([...linked].sort((left, right) => left - right));
  }
});

test('the directory has no page of a command that does not exist', () => {
  const files = readdirSync(directory).sort();
  expect(files).toEqual([...others, ...commands.map((command) => basename(commandFile(command)))].sort());
});

test.each(commands)('each option of $name is in the table of its page or in a shared one', (command) => {
  const shared = readFileSync(join(root, 'docs/reference/options.md'), 'utf8');
  const page = pageOf(command);
  for (const { flags, choices = [] } of optionsOf(command)) {
    const row = `\n| \`${flags}\` | `;
    const place = page.includes(row) ? page : shared;
    expect(place.split(row), flags).toHaveLength(2);
    for (const choice of choices) expect(place, flags).toContain(`\`${choice}\``);
  }
});

test.each(commands)('the prose on $name names no option that does not exist', (command) => {
  const known = new Set(commands.flatMap(optionsOf).map((row) => `--${parseFlags(row).long}`));
  const text = pageOf(command)
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`(?:cosign|tkn|gh|podman|docker|kind|kubectl|sha256sum) [^`]*`/g, '');
  const named = [...text.matchAll(/`[^`\n]*`/g)].flatMap(
    ([code]) => code.match(/(?<![\w-])--[a-z][\w-]+/g) ?? [],
  );
  for (const option of named) expect([...known, '--version', '--help'], option).toContain(option);
});
