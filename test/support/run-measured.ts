import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { cliPath } from './run-cli.js';

export interface Measured {
  readonly code: number | null;
  readonly stdout: string;
  readonly peakMebibytes: number;
}

/** Not `resourceUsage().maxRSS`: on Linux that begins with what the process that spawned us had. */
const report = [
  "import { readFileSync, writeSync } from 'node:fs';",
  "const highWater = () => /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];",
  "const kibibytes = () => (process.platform === 'linux' ? highWater() : process.resourceUsage().maxRSS);",
  "process.on('exit', () => writeSync(3, String(kibibytes())));",
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
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [stdout, kibibytes] = await Promise.all([
    buffer(child.stdout as NodeJS.ReadableStream),
    buffer(child.stdio[3] as NodeJS.ReadableStream),
  ]);
  const [code] = (await exited) as [number | null];
  return { code, stdout: stdout.toString(), peakMebibytes: Number(kibibytes.toString()) / 1024 };
}
