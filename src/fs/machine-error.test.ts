import { open, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { writeError } from './machine-error.js';

test('what the kernel reports about a full disk becomes DISK_FULL', async () => {
  const handle = await open('/dev/full', 'w').catch(() => undefined);
  if (handle === undefined) return expect(await readdir('/dev').catch(() => [])).not.toContain('full');
  const error = await handle.writeFile('x').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await handle.close();
  expect(writeError(error, 'write "x"', 'x')).toMatchObject({
    code: 'DISK_FULL',
    details: { errno: 'ENOSPC' },
  });
});

test.each([
  ['ENOSPC', 'DISK_FULL'],
  ['EDQUOT', 'DISK_FULL'],
  ['EROFS', 'NOT_WRITABLE'],
  ['EACCES', 'NOT_WRITABLE'],
  ['EPERM', 'NOT_WRITABLE'],
  ['EIO', 'NOT_WRITABLE'],
] as const)('%s becomes %s', (errno, code) => {
  const cause = Object.assign(new Error('x'), { code: errno });
  expect(writeError(cause, 'write "x"', 'x')).toMatchObject({ code, cause, details: { errno, path: 'x' } });
});

test.each([
  ['write "bundles.yaml"', 'bundles.yaml', false],
  ['make the directory "/project/.bundles"', '/project/.bundles', true],
  ['write "x"', '.bundles/registry/acme/x/index.json', true],
  ['write in the state directory "/elsewhere"', '/', true],
  ['write "my.bundles/x"', 'my.bundles/x', false],
])('to %s: the option for the state is in the hint only where the state is meant', (doing, path, is) => {
  for (const errno of ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR']) {
    const { code, hint } = writeError(Object.assign(new Error('x'), { code: errno }), doing, path);
    expect([code, hint?.includes('--state-dir')]).toEqual(['NOT_WRITABLE', is]);
  }
});

test('a mistake of our own is not blamed on the machine', () => {
  expect(writeError(new TypeError('x is not a function'), 'write "x"', 'x').code).toBe('UNEXPECTED');
});
