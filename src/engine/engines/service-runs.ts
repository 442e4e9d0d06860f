import { readdir, readFile, readlink } from 'node:fs/promises';
import { kill } from 'node:process';
import { runProgram } from '../../process/run-program.js';
import type { EngineEnvironment } from '../run-engine.js';

/**
 * Ends what a build in a service runs now, where the service's processes are visible. They are found by a host name of
 * the build in their own /etc/hosts (`--add-host`), which containers and chroots of a build have and which is part of no
 * image. Gives how many there were.
 */
export async function endServiceRuns(host: string): Promise<number> {
  const own = await readlink('/proc/self/ns/mnt').catch(() => undefined);
  const names = own === undefined ? [] : await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      // What shares our view of the file system reads our /etc/hosts.
      if (!/^\d+$/.test(name) || (await readlink(`/proc/${name}/ns/mnt`).catch(() => own)) === own) return 0;
      const hosts = await readFile(`/proc/${name}/root/etc/hosts`, 'latin1').catch(() => '');
      if (!hosts.split(/\s+/).includes(host)) return 0;
      try {
        kill(Number(name), 'SIGKILL');
      } catch {
        // The process has ended by itself, or belongs to another user.
      }
      return 1;
    }),
  );
  return found.reduce<number>((sum, one) => sum + one, 0);
}

/** The same in podman's virtual machine, where one is running; elsewhere it does nothing. */
export async function endMachineRuns(
  program: string,
  host: string,
  { environment }: EngineEnvironment,
): Promise<void> {
  const script = `for p in /proc/[0-9]*; do grep -qsw ${host} $p/root/etc/hosts && kill -9 \${p#/proc/}; done`;
  // A connection as root has the name of its machine, and `-root`.
  const machine = environment.CONTAINER_CONNECTION?.replace(/-root$/, '');
  const words = [
    'machine',
    'ssh',
    ...(machine === undefined ? [] : [machine]),
    `sudo -n sh -c '${script}; :'`,
  ];
  await runProgram(program, words, { environment, timeoutMs: machineMs }).catch(() => undefined);
}

const machineMs = 10_000;
