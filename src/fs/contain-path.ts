import { join } from 'node:path';
import { BundlesError, type ErrorCode } from '../errors.js';

/**
 * The path of `relative` below `root`, by its text alone: symbolic links below `root` are not looked at.
 * Refuses absolute paths, `..`, empty and `.` segments, backslashes, colons and control characters, so that the
 * same text is accepted or refused on every operating system.
 *
 * @throws `code`, CONFIG_INVALID by default
 */
export function containPath(
  root: string,
  relative: string,
  { code = 'CONFIG_INVALID' }: { readonly code?: ErrorCode } = {},
): string {
  const segments = relative.split('/');
  const illegal = /[\u0000-\u001f\u007f\\:]/.test(relative);
  if (illegal || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new BundlesError(
      code,
      `Cannot use the path ${JSON.stringify(relative)}: it must stay below its root`,
      {
        hint: 'Write a relative path with forward slashes and without "." and ".." segments',
        details: { root, path: relative },
      },
    );
  }
  return join(root, ...segments);
}
