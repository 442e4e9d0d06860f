import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.js';
import { systemClock } from '../async/system-clock.js';
import { watchFiles } from './watch-files.js';

test('watchFiles() sees what is written, made, renamed and removed, also in directories made since', async () => {
  await using directory = tempDir();
  const at = (name: string) => join(directory.path, name);
  writeFileSync(at('a.yaml'), '1');
  const controller = new AbortController();
  using files = await watchFiles({
    directory: directory.path,
    matches: (name) => name.endsWith('.yaml'),
    clock: systemClock,
    signal: controller.signal,
  });
  const steps = [
    () => writeFileSync(at('a.yaml'), '22'),
    () => {
      mkdirSync(at('deep/er'), { recursive: true });
      writeFileSync(at('deep/er/b.yaml'), '1');
    },
    () => writeFileSync(at('deep/er/b.yaml'), '22'),
    () => renameSync(at('deep/er/b.yaml'), at('c.yaml')),
    () => rmSync(at('c.yaml')),
  ];
  // Some before it is waited for, as between two calls, and some after.
  for (const [index, step] of steps.entries()) {
    if (index % 2 === 0) step();
    const next = files.next();
    if (index % 2 === 1) step();
    await next;
  }
  // What does not match is not waited for; the end is.
  writeFileSync(at('notes.txt'), '1');
  let changed = false;
  const last = files.next().then(() => {
    changed = !controller.signal.aborted;
  });
  controller.abort();
  await last;
  expect(changed).toBe(false);
});

test('watchFiles() finds changes for which the system sends no event', async () => {
  await using directory = tempDir();
  const file = join(directory.path, 'a.yaml');
  writeFileSync(file, '1');
  let ring: () => void = () => undefined;
  const controller = new AbortController();
  // Nothing below the directory matches: the file is looked at because it is named.
  using files = await watchFiles({
    directory: join(directory.path, 'nowhere'),
    matches: () => false,
    also: () => [file],
    clock: {
      sleep: () =>
        new Promise((resolve) => {
          ring = resolve;
          setImmediate(() => ring());
        }),
    },
    signal: controller.signal,
  });
  const next = files.next();
  writeFileSync(file, '22');
  await next;
  controller.abort();
});

test('watchFiles() reports a change although another file never comes to rest', async () => {
  await using directory = tempDir();
  const at = (name: string) => join(directory.path, name);
  writeFileSync(at('a.yaml'), '1');
  let writes = 0;
  const controller = new AbortController();
  using files = await watchFiles({
    directory: directory.path,
    matches: () => true,
    // Each wait ends with one more line in a log.
    clock: { sleep: async () => appendFileSync(at('log.json'), `${writes++}\n`) },
    signal: controller.signal,
  });
  for (const text of ['22', '333']) {
    writeFileSync(at('a.yaml'), text);
    const before = writes;
    await files.next();
    expect(writes - before).toBeLessThan(40);
  }
});
