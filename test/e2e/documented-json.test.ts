import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { commandFile } from '../../src/cli/help/command-reference.js';
import { runCli } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '..', '..');

/** These print the document of `ensure`, whose keys its own test compares, or that of the command they run. */
const elsewhere = ['ensure', 'check', 'register', 'with'];

/** Arguments with which a command fails at once in an empty directory, without a network; none where it needs none. */
const failing: Readonly<Record<string, string>> = {
  attest: '--key absent.key',
  build: '--to out',
  bump: 'hello-world',
  'catalog serve': '--host 0.0.0.0',
  completion: 'nosh',
  copy: 'oci:absent:a oci:out:b',
  diff: 'hello-world',
  digest: 'hello-world',
  explain: 'hello-world',
  export: '--format layout --to out',
  graph: 'hello-world',
  'images ps': '--slots-dir absent',
  inspect: 'hello-world',
  'lock merge': 'absent.yaml',
  login: 'registry.invalid',
  logout: '!',
  push: 'registry.invalid/hello',
  'registry deploy': '--namespace A_',
  'registry serve': '--port 99999',
  release: 'v1.0.0',
  report: '--html report.html',
  run: 'hello-world',
  'schema convert': 'absent.yaml --to workflow-schema',
  sign: '--key absent.key',
  tag: 'hello-world latest',
  tags: 'hello-world',
};

const printing = commands.filter(({ name }) => !elsewhere.includes(name));

/** The keys between the first braces below the heading, without those of nested objects. */
function documentedKeys(page: string): string[] {
  const [, text = ''] = page.split(/^## JSON$/m);
  const [, keys = ''] = /`\{(version[\s\S]*?)\}`/.exec(text) ?? [];
  return keys
    .replace(/: \{[^}]*\}/g, '')
    .split(/[,\s]+/)
    .sort();
}

test.concurrent.each(printing)('the page of $name lists the keys that it prints', async (command) => {
  await using directory = tempDir();
  const words = [
    ...command.name.split(' '),
    ...(failing[command.name]?.split(' ') ?? []),
    '--output',
    'json',
  ];
  const ran = await runCli(words, {
    cwd: directory.path,
    env: { CI: 'true', HOME: directory.path },
    input: '',
  });
  const printed = JSON.parse(ran.stdout) as object;
  const documented = documentedKeys(readFileSync(join(root, commandFile(command)), 'utf8'));
  expect(documented).toEqual(Object.keys(printed).sort());
});
