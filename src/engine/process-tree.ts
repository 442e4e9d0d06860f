import { readdir, readFile } from 'node:fs/promises';

/**
 * The processes below one, by what the system says now: children, their children … Empty where there is no /proc.
 * What left the tree on purpose (a daemon) is not in it.
 */
export async function descendantsOf(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  const names = await readdir('/proc').catch(() => []);
  await Promise.all(
    names.map(async (name) => {
      if (!/^\d+$/.test(name)) return;
      const parent = await parentOf(name);
      if (parent === undefined) return;
      const siblings = children.get(parent);
      if (siblings) siblings.push(Number(name));
      else children.set(parent, [Number(name)]);
    }),
  );
  const found: number[] = [];
  const queue = [root];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/** Field 4 of proc_pid_stat(5). */
async function parentOf(pid: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  return Number.isSafeInteger(parent) ? parent : undefined;
}
