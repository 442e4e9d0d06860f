import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PodmanStore } from './podman-store.js';

export interface PodmanService extends AsyncDisposable {
  /** What makes podman a client of this service. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Kills the service and starts it again on the same socket. */
  restart(): Promise<void>;
}

/** A real `podman system service` on a socket, over a private store. */
export async function startPodmanService(program: string, store: PodmanStore): Promise<PodmanService> {
  const socket = join(store.directory, 'podman.sock');
  let child = await listening(program, socket, store);
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    env: { ...store.env, CONTAINER_HOST: `unix://${socket}` },
    get pid() {
      return child.pid ?? 0;
    },
    async restart() {
      await end();
      rmSync(socket, { force: true });
      child = await listening(program, socket, store);
    },
    [Symbol.asyncDispose]: end,
  };
}

async function listening(program: string, socket: string, store: PodmanStore): Promise<ChildProcess> {
  const child = spawn(program, ['system', 'service', '--time', '0', `unix://${socket}`], {
    env: { PATH: process.env.PATH, ...store.env },
    stdio: 'ignore',
  });
  for (let tries = 0; !existsSync(socket); tries++) {
    if (tries > 1_500 || child.exitCode !== null) throw new Error('podman system service does not listen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

/** The words behind `RUN : WORD;` of all builds that run now, in a service or not; a word that runs twice is there twice. */
export function runningBuilds(word: RegExp): readonly string[] {
  const found = new Map<number, { word: string; parent: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [line, stat] = ['cmdline', 'stat'].map((file) => read(`/proc/${name}/${file}`));
    // The chroot or container and the shell in it; not podman, which has the whole text nowhere.
    const [match] = /\0-c\0/.test(line ?? '') ? (word.exec(line ?? '') ?? []) : [];
    const [state, parent] = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
    if (match !== undefined && state !== undefined && !['Z', 'X', ''].includes(state))
      found.set(Number(name), { word: match, parent: Number(parent) });
  }
  // A shell and what it has just forked are one.
  return [...found.values()].filter(({ parent }) => !found.has(parent)).map((one) => one.word);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
