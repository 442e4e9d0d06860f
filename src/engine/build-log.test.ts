import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom } from '../../test/support/random/seeded-random.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { openBuildLog } from './build-log.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

test('secrets and each of their lines are taken out, however the output is cut', async () => {
  await using directory = tempDir();
  const random = seededRandom(15);
  const pem = '-----BEGIN\nAbCdEfGh\n-----END\n';
  const secrets = [
    bytes('topsecret'),
    bytes('topsecret-long'),
    bytes(pem),
    bytes('s\xc3\xa4cret'),
    bytes('abc'),
  ];
  const long = 'x'.repeat(70_000);
  const output = `a topsecret b\ntopsecret-longer\r${pem}s\xc3\xa4cret \xff abc\n${long}topsecret${long}\nend topsecret`;
  const wanted = `a *** b\n***er\r***\n***\n***\n*** \xff abc\n${long}***${long}\nend ***`;
  for (let run = 0; run < 20; run++) {
    const log = openBuildLog(join(directory.path, `${run}.log`), { secrets });
    for (let at = 0; at < output.length; ) {
      const next = at + 1 + Math.floor(random() * (run % 2 === 0 ? 20 : 30_000));
      log.write(bytes(output.slice(at, next)));
      at = next;
    }
    expect(log.sinceMark().endsWith('end ***')).toBe(true);
    expect(log.lastLines(1)).toEqual(['end ***']);
    await log.close();
    expect(readFileSync(log.path, 'latin1') === wanted, `run ${run}`).toBe(true);
  }
});

test('the end at hand is the last 64 KiB, however small the pieces are', async () => {
  await using directory = tempDir();
  const log = openBuildLog(join(directory.path, 'a.log'));
  const output = Array.from({ length: 40_000 }, (_, index) => `${index} `).join('');
  for (let at = 0; at < output.length; at += 7) log.write(output.slice(at, at + 7));
  expect(log.sinceMark() === output.slice(-64 * 1024)).toBe(true);
  log.write('.');
  expect(log.sinceMark() === `${output}.`.slice(-64 * 1024)).toBe(true);
  await log.close();
  expect(readFileSync(log.path, 'utf8') === `${output}.`).toBe(true);
});

test('output without secrets is written as it comes', async () => {
  await using directory = tempDir();
  const log = openBuildLog(join(directory.path, 'a.log'));
  log.write('STEP 1');
  expect(log.sinceMark()).toBe('STEP 1');
  log.mark();
  log.write('\nSTEP 2');
  expect(log.sinceMark()).toBe('\nSTEP 2');
  await log.close();
  expect(readFileSync(log.path, 'utf8')).toBe('STEP 1\nSTEP 2');
});
