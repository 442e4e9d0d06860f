import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { cliPath } from './run-cli.js';

export interface Measured {
  readonly code: number | null;
  readonly stdout: string;
  readonly peakMebibytes: number;
}

const report = `process.on('exit', () => require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS)))`;

/** Runs the built command line and asks the process itself, at its end, for the most memory it ever had. */
export async function runMeasured(
  words: readonly string[],
  { cwd, nodeOptions = [] }: { readonly cwd: string; readonly nodeOptions?: readonly string[] },
): Promise<Measured> {
  const hook = `data:text/javascript,${encodeURIComponent(`import { createRequire } from 'node:module'; const require = createRequire('/'); ${report}`)}`;
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
