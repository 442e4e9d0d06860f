import { setMaxListeners } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { Readable } from 'node:stream';
import { systemClock } from '../../../src/async/system-clock.js';
import { runCli } from '../../../src/cli/main.js';
import { createOutput } from '../../../src/cli/output/writer.js';
import type { WorkerAnswer, WorkerTask } from './measured-workers.js';

/** Runs one command line after another in this process, for `createMeasuredWorkers`. */

const collect = (globalThis as { gc?: (options?: object) => void }).gc;

process.on('message', (task: WorkerTask) => {
  void runTask(task).then((answer) => process.send?.(answer));
});
process.send?.('ready');

async function runTask({ words, cwd }: WorkerTask): Promise<WorkerAnswer> {
  process.chdir(cwd);
  const errors: string[] = [];
  const sink = (write: (text: string) => void) => ({ write, isTerminal: false, columns: 100 });
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  forgetPeak();
  const before = { ...cost(), wall: performance.now() };
  const code = await runCli({
    arguments: words,
    started: { program: 'npx tekton-bundles' },
    environment: { PATH: process.env.PATH },
    home: cwd,
    uid: process.getuid?.(),
    platform: process.platform,
    clock: systemClock,
    stdin: Readable.from([]) as unknown as NodeJS.ReadStream,
    ...createOutput({
      stdout: sink(() => undefined),
      stderr: sink((text) => void (errors.length < 100 && errors.push(text.slice(0, 2_000)))),
    }),
    signal: quietSignal(),
    outputFailed: new AbortController().signal,
    saveMemory: () => undefined,
    enterDirectory: (directory) => process.chdir(directory),
    leave: () => undefined,
  }).catch((error: unknown) => {
    errors.push(String(error));
    return 1;
  });
  const after = { ...cost(), wall: performance.now() };
  return {
    code,
    stderr: errors.join('').slice(0, 4_000),
    peakMebibytes: peakMebibytes(),
    cpuSeconds: after.cpu - before.cpu,
    seconds: (after.wall - before.wall) / 1000 - (after.waited - before.waited),
  };
}

/** As the program's own signal, which many listen to at once. */
function quietSignal(): AbortSignal {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return signal;
}

/** Seconds of the processor, and seconds that this thread was ready to run and others ran instead. */
function cost(): { readonly cpu: number; readonly waited: number } {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1e6, waited: waitedSeconds() };
}

function waitedSeconds(): number {
  if (process.platform !== 'linux') return 0;
  return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e9;
}

/** From here on the kernel counts the most memory again. */
function forgetPeak(): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

function peakMebibytes(): number {
  if (process.platform !== 'linux') return process.memoryUsage().rss / 2 ** 20;
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return Number(kibibytes) / 1024;
}
