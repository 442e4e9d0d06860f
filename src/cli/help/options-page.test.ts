import { expect, test } from 'vitest';
import { type AnyCommand, optionsOf } from '../command.js';
import { commands } from '../commands.js';
import { projectOptions } from '../options/common-options.js';
import { connectionOptions } from '../options/network-options.js';
import { optionsPage } from './options-page.js';

function sectionsOf(page: string): Map<string, string> {
  const [, ...parts] = page.split(/^## /m);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
}

const rowOf = (flags: string) => `| \`${flags}\` | `;
const shared = ['Options of every command', 'Project options', 'Connection options'];
const real = sectionsOf(optionsPage(commands, { width: 120 }));

test('the page has a section for each command, in the order of the table, and the shared options last', () => {
  expect([...real.keys()]).toEqual([...commands.map(({ name }) => name), ...shared]);
});

test.each(commands)(
  'each option of $name is in its section or in a shared one that it links to',
  (command) => {
    const own = real.get(command.name) ?? '';
    const linked = shared.filter((heading) =>
      own.includes(`(#${heading.toLowerCase().replaceAll(' ', '-')})`),
    );
    const places = [own, ...linked.map((heading) => real.get(heading) ?? '')];
    for (const { flags, choices = [] } of optionsOf(command)) {
      const found = places.filter((text) => text.includes(rowOf(flags)));
      expect(found.length, flags).toBeGreaterThan(0);
      // The section of the command comes first: there its own choices are.
      for (const choice of choices) expect(found[0], flags).toContain(`\`${choice}\``);
    }
  },
);

/** The section of a command that has nothing but what is given. */
function sectionOf(row: Partial<AnyCommand>): string {
  const command: AnyCommand = {
    name: 'probe',
    group: 'job',
    summary: '',
    description: '',
    examples: [],
    run: async () => {},
    ...row,
  };
  return sectionsOf(optionsPage([command], { width: 40 })).get('probe') ?? '';
}

test('a shared set that a command takes in part, or with other words, is listed in its own section', () => {
  const [config, stateDir, lock] = projectOptions;
  const whole = sectionOf({ options: [...projectOptions, ...connectionOptions] });
  const part = sectionOf({ options: [config!, stateDir!] });
  const other = sectionOf({ options: [config!, stateDir!, { ...lock!, summary: 'lock to write' }] });
  for (const { flags } of [...projectOptions, ...connectionOptions])
    expect(whole).not.toContain(rowOf(flags));
  expect(part).toContain(rowOf(config!.flags));
  expect(other).toContain(`${rowOf(lock!.flags)}lock to write`);
  expect(part + other).not.toContain('(#project-options)');
});

test('text of the table is shown as it is: it makes no markup, no cell and no list', () => {
  const section = sectionOf({
    description: 'reads forty characters of text, and a file - or *standard* input, <b> and [x](y)',
    arguments: [{ name: '[place...]', summary: 'oci:DIRECTORY[:tag] | _other_', choices: ['a|b'] }],
    options: [{ flags: '--to <a|b>', summary: '`code`', required: true, default: 'x', variable: 'TO' }],
  });
  expect(section).toContain('\\*standard\\* input, \\<b\\> and');
  expect(section).toContain('\\[x\\](y)');
  expect(section).not.toMatch(/^[-+#] /m);
  expect(section).toContain('| `[place...]` | oci:DIRECTORY\\[:tag\\] \\| \\_other\\_ (one of `a\\|b`) |');
  expect(section).toContain('| `--to <a\\|b>` | \\`code\\` (required; default `x`; variable `TO`) |');
});
