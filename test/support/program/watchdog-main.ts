import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startWatchdog } from '../../../src/process/watchdog.js';

/** A process with a directory and a child, both guarded; the child ignores what can be ignored. With `dies` it kills itself at once. */
const [directory = '', dies] = process.argv.slice(2);
const watchdog = startWatchdog({ directories: [directory], environment: process.env });
const stubborn =
  "console.log('up'); for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {}); setInterval(() => {}, 1e3)";
const { program, words, stdio } = watchdog.guarded([process.execPath, '-e', stubborn], { group: true });
const child = spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'ignore', ...stdio] });
// By then it has registered itself.
if (child.stdout && !dies) await once(child.stdout, 'data');
process.stdout.write(`${child.pid}\n`);
if (dies) process.kill(process.pid, 'SIGKILL');
process.stdin.once('data', async () => {
  await watchdog.dismiss();
  process.stdout.write('dismissed\n');
  process.exit(0);
});
