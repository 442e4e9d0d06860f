import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PodmanStore } from './podman-store.js';

export interface PodmanService extends AsyncDisposable {
  /** What makes podman a client of this service. */
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
}

/** A real `podman system service` on a socket, over a store that nobody else uses. */
export async function startPodmanService(program: string, store: PodmanStore): Promise<PodmanService> {
  const socket = join(store.directory, 'podman.sock');
  const child = spawn(program, ['system', 'service', '--time', '0', `unix://${socket}`], {
    env: { PATH: process.env.PATH, ...store.env },
    stdio: 'ignore',
  });
  for (let tries = 0; !existsSync(socket); tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error('podman system service does not listen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    env: { ...store.env, CONTAINER_HOST: `unix://${socket}` },
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** The words behind `RUN : WORD;` of all builds that run now, in a service or not. */
export function runningBuilds(word: RegExp): readonly string[] {
  const found = new Set<string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [line, stat] = ['cmdline', 'stat'].map((file) => read(`/proc/${name}/${file}`));
    // The chroot or container and the shell in it; not podman, which has the whole text nowhere.
    const [match] = /\0-c\0/.test(line ?? '') ? (word.exec(line ?? '') ?? []) : [];
    if (match !== undefined && !/\) [ZX] /.test(stat ?? '')) found.add(match);
  }
  return [...found];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
