import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { cliPath } from './run-cli.js';

export interface Measured {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly peakMebibytes: number;
  /** Of the processor: other work on the machine does not count. */
  readonly seconds: number;
}

/** Not `resourceUsage().maxRSS`: on Linux that begins with what the process that spawned us had. */
const report = [
  "import { readFileSync, writeSync } from 'node:fs';",
  "const highWater = () => /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];",
  "const kibibytes = () => (process.platform === 'linux' ? highWater() : process.resourceUsage().maxRSS);",
  "process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, kibibytes() + ' ' + (user + system)); });",
].join('\n');

/** Runs the built command line and asks the process itself, at its end, for the most memory it ever had. */
export async function runMeasured(
  words: readonly string[],
  { cwd, nodeOptions = [] }: { readonly cwd: string; readonly nodeOptions?: readonly string[] },
): Promise<Measured> {
  const hook = `data:text/javascript,${encodeURIComponent(report)}`;
  const child = spawn(process.execPath, [...nodeOptions, '--import', hook, cliPath, ...words], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [stdout, stderr, measured] = await Promise.all([
    buffer(child.stdout as NodeJS.ReadableStream),
    buffer(child.stderr as NodeJS.ReadableStream),
    buffer(child.stdio[3] as NodeJS.ReadableStream),
  ]);
  const [code] = (await exited) as [number | null];
  const [kibibytes = 0, microseconds = 0] = measured.toString().split(' ').map(Number);
  return {
    code,
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    peakMebibytes: kibibytes / 1024,
    seconds: microseconds / 1e6,
  };
}
