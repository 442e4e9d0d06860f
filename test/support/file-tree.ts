import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What a directory holds, by relative path: the hash of a file, the target of a link, the kind of the rest. */
export function fileTree(
  directory: string,
  { leaveOut = [] }: { readonly leaveOut?: readonly string[] } = {},
): Record<string, string> {
  const tree: Record<string, string> = {};
  const walk = (path: string) => {
    for (const name of readdirSync(join(directory, path)).sort()) {
      if (path === '' && leaveOut.includes(name)) continue;
      const inside = path === '' ? name : `${path}/${name}`;
      const found = lstatSync(join(directory, inside));
      if (found.isDirectory()) {
        tree[`${inside}/`] = 'directory';
        walk(inside);
      } else if (found.isFile()) {
        tree[inside] = createHash('sha256')
          .update(readFileSync(join(directory, inside)))
          .digest('hex');
      } else {
        tree[inside] = found.isSymbolicLink()
          ? `link to ${readlinkSync(join(directory, inside))}`
          : 'special';
      }
    }
  };
  walk('');
  return tree;
}

/** Paths of what writers have only while they write: temporary files and locks. An empty `.tmp` is none. */
export function leftovers(directory: string): string[] {
  return Object.keys(fileTree(directory)).filter(
    (path) =>
      !path.endsWith('.tmp/') && path.split('/').some((name) => /\.tmp$|\.writing$|^\.lock$/.test(name)),
  );
}
