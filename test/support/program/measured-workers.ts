import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createLimiter } from '../../../src/async/limiter.js';

export interface WorkerTask {
  readonly words: readonly string[];
  readonly cwd: string;
}

export interface WorkerAnswer {
  /** Undefined where the command had not ended after a minute. */
  readonly code: number | undefined;
  readonly stderr: string;
  /** Of the whole process while the command ran, what earlier commands left included. */
  readonly peakMebibytes: number;
  readonly cpuSeconds: number;
  /** On the clock, without what others took of the processor meanwhile. */
  readonly seconds: number;
}

export interface MeasuredWorkers extends AsyncDisposable {
  /** Runs a command line of ours in a process that has run others before. */
  run(words: readonly string[], options: { readonly cwd: string }): Promise<WorkerAnswer>;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const longestMs = 60_000;

/** Processes that run command lines one after another: a start for each would take most of the time. */
export function createMeasuredWorkers(count: number): MeasuredWorkers {
  const limiter = createLimiter(count);
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  const start = async () => {
    const worker = fork(fileURLToPath(new URL('./measured-worker.ts', import.meta.url)), [], {
      cwd: root,
      execArgv: ['--expose-gc', '--import', new URL('../../../scripts/typescript.mjs', import.meta.url).href],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    all.add(worker);
    await nextMessage(worker);
    return worker;
  };
  const end = (worker: ChildProcess) => {
    all.delete(worker);
    worker.kill('SIGKILL');
  };
  return {
    run: (words, { cwd }) =>
      limiter.run(async () => {
        const worker = idle.pop() ?? (await start());
        worker.send({ words, cwd } satisfies WorkerTask);
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<undefined>((resolve) => {
          timer = setTimeout(() => resolve(undefined), longestMs);
        });
        const answer = await Promise.race([nextMessage(worker), late]);
        clearTimeout(timer);
        if (answer === undefined) end(worker);
        else idle.push(worker);
        const seconds = longestMs / 1000;
        const none = { code: undefined, stderr: '', peakMebibytes: 0, cpuSeconds: seconds, seconds };
        return (answer as WorkerAnswer | undefined) ?? none;
      }),
    async [Symbol.asyncDispose]() {
      for (const worker of all) end(worker);
    },
  };
}

/** What it sends next, or undefined where it ends. */
function nextMessage(worker: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    const onMessage = (message: unknown) => settle(message);
    const onExit = () => settle(undefined);
    const settle = (message: unknown) => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      resolve(message);
    };
    worker.once('message', onMessage);
    worker.once('exit', onExit);
  });
}
