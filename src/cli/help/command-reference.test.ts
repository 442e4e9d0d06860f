import { expect, test } from 'vitest';
import type { AnyCommand, OptionRow } from '../command.js';
import { projectOptions } from '../options/common-options.js';
import { connectionOptions } from '../options/network-options.js';
import { fillCommandPage, fillOptionsPage } from './command-reference.js';

const blank = (...parts: string[]) =>
  parts.map((part) => `<!-- ${part}: written by npm run reference -->\n<!-- end -->\n`).join('\nprose\n\n');
const rowOf = (flags: string) => `| \`${flags}\` | `;

const emptyCommand: AnyCommand = {
  name: 'probe',
  group: 'job',
  summary: '',
  description: '',
  examples: [],
  run: async () => {},
};

/** The page of a command that has nothing but what is given. */
function pageOf(row: Partial<AnyCommand>): string {
  const command: AnyCommand = { ...emptyCommand, ...row };
  const page = fillCommandPage(blank('synopsis', 'options', 'examples'), command);
  expect(fillCommandPage(page, command)).toBe(page);
  return page;
}

test('a page keeps its prose and gets the synopsis, aliases, arguments, options and examples', () => {
  const page = pageOf({
    aliases: ['try'],
    arguments: [{ name: '<place>', summary: 'where' }],
    options: [{ flags: '--deep', summary: 'look closer' }],
    outputs: ['yaml'],
    examples: [{ words: 'probe x', does: 'look' }],
  });
  expect(page).toContain(
    '```text not-run="the synopsis"\nnpx tekton-bundles probe [options] <place>\n```\n\nAlso: `try`\n',
  );
  expect(page).toContain('| Argument | Meaning |\n|---|---|\n| `<place>` | where |\n');
  expect(page).toContain('| Option | Meaning |\n|---|---|\n| `--deep` | look closer |\n');
  expect(page).toMatch(/`-o, --output <form>` \| .*`text`, `json`, `yaml`/);
  expect(page).toContain('```sh\n# look\nnpx tekton-bundles probe x\n```\n');
  expect(page.match(/^prose$/gm)).toHaveLength(2);
});

test('a shared set that a command takes in part, or with other words, is listed on its own page', () => {
  const [config, stateDir, lock] = projectOptions as [OptionRow, OptionRow, OptionRow];
  const whole = pageOf({ options: [...projectOptions, ...connectionOptions] });
  const part = pageOf({ options: [config, stateDir] });
  const other = pageOf({ options: [config, stateDir, { ...lock, summary: 'lock to write' }] });
  for (const { flags } of [...projectOptions, ...connectionOptions])
    expect(whole).not.toContain(rowOf(flags));
  expect(whole).toContain('(../options.md#project-options) · [connection options]');
  expect(part).toContain(rowOf(config.flags));
  expect(other).toContain(`${rowOf(lock.flags)}lock to write`);
  expect(part + other).not.toContain('#project-options');
});

test('the page of shared options lists each of them once', () => {
  const page = fillOptionsPage(blank('options of every command', 'project options', 'connection options'));
  for (const { flags } of [...projectOptions, ...connectionOptions, { flags: '-q, --quiet' }])
    expect(page.split(rowOf(flags)), flags).toHaveLength(2);
});

test('text of the table is shown as it is: it makes no markup and no cell', () => {
  const page = pageOf({
    arguments: [{ name: '[place...]', summary: 'oci:DIRECTORY[:tag] | _other_', choices: ['a|b'] }],
    options: [{ flags: '--to <a|b>', summary: '`code`', required: true, default: 'x', variable: 'TO' }],
  });
  expect(page).toContain('| `[place...]` | oci:DIRECTORY\\[:tag\\] \\| \\_other\\_ (one of `a\\|b`) |');
  expect(page).toContain('| `--to <a\\|b>` | \\`code\\` (required; default: `x`; variable `TO`) |');
});

test('a page that has lost a part is refused', () => {
  const lost = blank('synopsis', 'examples');
  expect(() => fillCommandPage(lost, emptyCommand)).toThrow('options');
  expect(() => fillCommandPage(blank('synopsis', 'synopsis', 'options', 'examples'), emptyCommand)).toThrow(
    'synopsis',
  );
});
