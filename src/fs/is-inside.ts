import { isAbsolute, relative, sep } from 'node:path';

/** Whether a path is a directory or lies in it, by their names alone: anyone who minds symbolic links gives real paths. */
export function isInside(directory: string, path: string): boolean {
  const inside = relative(directory, path);
  // Of another drive it is absolute.
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}
