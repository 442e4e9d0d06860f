import { readdir, readFile } from 'node:fs/promises';
import { parseSlotClaim } from '../../../src/engine/slots/slot-claim.js';

export interface Samples {
  /** The most builds that ran at once in any sample. */
  readonly mostBuilds: number;
  /** How many samples saw a build. */
  readonly busySamples: number;
  /** Tickets in the order of asking, and in the order in which they came in. */
  readonly asked: readonly string[];
  readonly started: readonly string[];
}

/** Looks all the time at the builds below one directory, and at the marks of their slots. */
export function sampleBuilds(directory: string, slots: () => Promise<string>): { stop(): Promise<Samples> } {
  let over = false;
  const seen = { mostBuilds: 0, busySamples: 0, asked: new Set<string>(), started: [] as string[] };
  const loop = (async () => {
    while (!over) {
      const builds = (await buildsBelow(directory)).length;
      seen.mostBuilds = Math.max(seen.mostBuilds, builds);
      if (builds > 0) seen.busySamples++;
      for (const name of await readdir(await slots()).catch(() => [])) {
        const mark = parseSlotClaim(name);
        if (mark?.queue !== 'build') continue;
        seen.asked.add(mark.ticket);
        // A mark of its own reports `hold` for a moment also where somebody else was faster.
        if ((mark.role === 'keep' || mark.role === 'build') && !seen.started.includes(mark.ticket))
          seen.started.push(mark.ticket);
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  })();
  return {
    async stop() {
      over = true;
      await loop;
      return { ...seen, asked: [...seen.asked].sort() };
    },
  };
}

/** Process numbers of the `podman build`s whose command line names the directory and that live at one moment. */
export async function buildsBelow(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const look = async (among: readonly number[]) => {
    const found = await Promise.all(
      among.map(async (pid) => ((await isBuild(pid, directory)) ? pid : undefined)),
    );
    return found.filter((pid) => pid !== undefined);
  };
  // Looking takes time, in which one may end and another begin: who is there in both looks was there in between.
  return look(await look(pids));
}

async function isBuild(pid: number, directory: string): Promise<boolean> {
  const [line, stat] = await Promise.all(
    ['cmdline', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
  );
  const words = (line ?? '').split('\0');
  const build = words.findIndex((word) => word.endsWith('/podman'));
  if (build < 0 || words[build + 1] !== 'build' || !words.some((word) => word.startsWith(directory)))
    return false;
  // A child of podman looks like it until it runs a program of its own; podman itself leads its group.
  const group = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ')[2];
  return Number(group) === pid;
}
