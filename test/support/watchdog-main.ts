import { spawn } from 'node:child_process';
import { startWatchdog } from '../../src/process/watchdog.js';

/** A process with a directory and a child, both guarded; the child ignores what can be ignored. */
const [directory = ''] = process.argv.slice(2);
const watchdog = startWatchdog({ directories: [directory], environment: process.env });
const stubborn =
  "for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {}); setInterval(() => {}, 1e3)";
const child = spawn(process.execPath, ['-e', stubborn], { detached: true, stdio: 'ignore' });
watchdog.guard(child.pid ?? 0, { group: true });
process.stdout.write(`${child.pid}\n`);
process.stdin.once('data', async () => {
  await watchdog.dismiss();
  process.stdout.write('dismissed\n');
  process.exit(0);
});
