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

test('a mistake of our own is not blamed on the machine', () => {
  expect(writeError(new TypeError('x is not a function'), 'write "x"', 'x').code).toBe('UNEXPECTED');
});
