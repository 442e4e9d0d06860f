import { chmodSync, cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A user of no name and no groups, as containers run programs. */
export const stranger = { uid: 12_345, gid: 12_345 };

/** Whether this process may start programs as another user. */
export const isRoot = process.getuid?.() === 0;

export interface Program {
  readonly node: string;
  readonly cli: string;
}

let copied: Program | undefined;

/**
 * Node and the built program where every user can read them: the program as a copy, since a checkout may lie in a
 * directory that is open to its owner alone, and a copy of Node too where that does. They are gone with this process.
 */
export function programForEverybody(): Program {
  copied ??= copyProgram(fileURLToPath(new URL('../../../', import.meta.url)));
  return copied;
}

function copyProgram(root: string): Program {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'bundles-for-everybody-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const packages = [...runtimePackages(root)].map((name) => join('node_modules', name));
  for (const path of ['bin', 'dist', 'package.json', ...packages])
    cpSync(join(root, path), join(directory, path), { recursive: true });
  const node = isOpen(process.execPath) ? process.execPath : join(directory, 'node');
  if (node !== process.execPath) cpSync(process.execPath, node);
  return { node, cli: join(directory, 'bin', 'bundles.js') };
}

/** Without the optional peers, which only runs with a cluster or a catalog load. */
function runtimePackages(root: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (directory: string) => {
    const text = readFileSync(join(directory, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    for (const name of Object.keys(dependencies)) {
      if (found.has(name)) continue;
      found.add(name);
      visit(join(root, 'node_modules', name));
    }
  };
  visit(root);
  return found;
}

/** Whether everybody may pass all directories above a file. */
function isOpen(path: string): boolean {
  const parent = dirname(path);
  return parent === path || ((statSync(parent).mode & 0o001) !== 0 && isOpen(parent));
}
