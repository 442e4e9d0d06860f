import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readInputs } from './read-inputs.js';
import { splitWords } from './split-words.js';
import type { TriggeringEvent } from './triggering-event.js';

const push: TriggeringEvent = { name: 'push', isFromStranger: false };
const fork: TriggeringEvent = { name: 'pull_request', isFromStranger: true };
const words = (inputs: Readonly<Record<string, string>>, event = push) => {
  const named = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return readInputs(Object.fromEntries(named), event).words;
};

test('inputs become a command line: the profile where the command takes it, files, arguments', () => {
  expect(words({ profile: 'pull-request' })).toEqual(['ensure', '--profile=pull-request']);
  expect(
    words({
      'working-directory': 'sub dir',
      command: ' check ',
      profile: 'release',
      config: 'a.yaml\n\n  b c.yaml\n',
      args: `hello --label "team=blue  green" 'x y'\n  --offline`,
    }),
  ).toEqual([
    ...['-C', 'sub dir', 'check', '--profile=release', '--config=a.yaml', '--config=b c.yaml'],
    ...['hello', '--label', 'team=blue  green', 'x y', '--offline'],
  ]);
  expect(words({ profile: 'local', command: 'images  ensure', args: '' })).toEqual(['images', 'ensure']);
});

test.each([
  [{}, push],
  [{ profile: 'relaese' }, push],
  [{ profile: 'release', command: '--offline' }, push],
  [{ profile: 'release', args: `"a` }, push],
  [{ profile: 'release' }, fork],
  [{ profile: 'release' }, { name: 'pull_request_target', isFromStranger: true }],
])('what is missing, misspelt or not allowed for the event is refused: %j', (inputs, event) => {
  expect(() => words(inputs, event)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test('a fork may do what publishes nothing', () => {
  expect(words({ profile: 'pull-request' }, fork)).toEqual(['ensure', '--profile=pull-request']);
});

test('the token is where commands look for it, and no input is left in the environment', () => {
  const { environment } = readInputs({ INPUT_PROFILE: 'local', INPUT_TOKEN: 'secret', HOME: '/h' }, push);
  expect(environment).toEqual({ HOME: '/h', GITHUB_TOKEN: 'secret' });
  expect(readInputs({ INPUT_PROFILE: 'local', GITHUB_TOKEN: 'own' }, push).environment).toEqual({
    GITHUB_TOKEN: 'own',
  });
});

test('splitWords() gives back every list of words that a shell would be given in quotes', () => {
  const quotes = [
    (word: string) => `'${word.replaceAll("'", `'\\''`)}'`,
    (word: string) => `"${word.replace(/["\\$`]/g, '\\$&')}"`,
    (word: string) =>
      word === '' ? '""' : word.replace(/[^\w]/gu, (sign) => (sign === '\n' ? `'\n'` : `\\${sign}`)),
  ];
  const word = fc.string({ unit: fc.constantFrom(...'ab "\'\\$`\t\n*~é-=') });
  const given = fc.array(fc.tuple(word, fc.constantFrom(...quotes)), { maxLength: 6 });
  fc.assert(
    fc.property(given, fc.constantFrom(' ', '\n', ' \t '), (all, gap) => {
      expect(splitWords(all.map(([text, quote]) => quote(text)).join(gap))).toEqual(
        all.map(([text]) => text),
      );
    }),
  );
});
