import fc from 'fast-check';
import { expect, test } from 'vitest';
import { optionsOf } from '../../command.js';
import { commands } from '../../commands.js';
import { topics } from '../../help/topics.js';
import { parseArguments } from '../../parse-arguments.js';
import { propose } from './propose.js';

const declared = { bundle: ['alpha', 'beta'], image: ['api'] };
const options = {
  commands,
  topics,
  names: (file: string, kind: 'bundle' | 'image') =>
    Promise.resolve(file === 'bundles.yaml' ? declared[kind] : ['other']),
};

async function texts(...words: readonly string[]): Promise<[texts: string[], rest: string]> {
  const { candidates, rest } = await propose(words, options);
  return [candidates.map(({ text }) => text), rest];
}

test.each<[readonly string[], readonly string[], string]>([
  [['ens'], ['ensure'], 'nothing'],
  [['regi'], ['registry', 'register'], 'nothing'],
  [['registry', ''], ['serve', 'gc', 'deploy'], 'nothing'],
  [['-C'], ['-C'], 'nothing'],
  [['-C', ''], [], 'directories'],
  [['-C', 'x', 'ensu'], ['ensure'], 'nothing'],
  [['ensure', ''], ['alpha', 'beta'], 'nothing'],
  [['ensure', 'alpha', '""'], ['beta'], 'nothing'],
  [['ensure', '-c', 'else.yaml', ''], ['other'], 'nothing'],
  [['ensure', '--config=else.yaml', 'o'], ['other'], 'nothing'],
  [['ensure', '--config', ''], [], 'files'],
  [['ensure', '--state-dir', ''], [], 'directories'],
  [['ensure', '--on-different', 'f'], ['fail', 'fallback'], 'nothing'],
  [['ensure', '--on-different=f'], ['--on-different=fail', '--on-different=fallback'], 'nothing'],
  [['ensure', '--dry'], ['--dry-run'], 'nothing'],
  [['ensure', '-n', '--dry'], [], 'nothing'],
  [['images', 'ensure', ''], ['api'], 'nothing'],
  [['diff', 'a'], ['alpha'], 'files'],
  [['bump', 'alpha', ''], ['patch', 'minor', 'major'], 'nothing'],
  [['bump', 'alpha', 'patch', ''], [], 'nothing'],
  [['with', '--', 'n'], [], 'files'],
  [['login', ''], [], 'nothing'],
  [['completion', 'f'], ['fish'], 'nothing'],
  [['help', 'exit'], ['exit-codes'], 'nothing'],
  [['help', 'schema', 'v'], ['validate'], 'nothing'],
  [['nonsense', 'x', ''], [], 'nothing'],
])('%j', async (words, expected, rest) => {
  expect(await texts(...words)).toEqual([expected, rest]);
});

test.each(commands)('every option of $name is proposed, and is read by the parser', async (command) => {
  const { candidates } = await propose([...command.name.split(' '), '-'], options);
  expect(candidates).toHaveLength(optionsOf(command).length);
  for (const { text, means } of candidates) {
    expect(means).not.toBe('');
    try {
      parseArguments(command, [text]);
    } catch (error) {
      expect(String(error)).not.toContain('unknown option');
    }
  }
});

test('whatever is typed, an answer comes and begins with it', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      'ensure',
      'registry',
      'help',
      '-C',
      '--',
      '-',
      '--output',
      '--output=',
      '-o',
      'alpha',
      '',
    ),
    fc.string({ maxLength: 5 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (words) => {
      const { candidates, rest } = await propose(words, options);
      expect(['files', 'directories', 'nothing']).toContain(rest);
      const current = (words.at(-1) ?? '').replace(/^""$/, '');
      for (const { text } of candidates) expect(text.startsWith(current)).toBe(true);
    }),
  );
});
