// Preloaded by a test: ends this process as by SIGKILL at the KILL_AT-th call that changes the disk, before it or after
// it, as KILL_WHEN states. Without KILL_AT it prints the number of calls on standard error at the end.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { KILL_AT, KILL_WHEN } = process.env;
let calls = 0;

for (const name of ['open', 'rename', 'unlink', 'mkdir', 'rmdir', 'utimes']) {
  const original = fs.promises[name];
  fs.promises[name] = async (...words) => {
    if (name === 'open' && !String(words[1]).startsWith('w')) return original(...words);
    const turn = ++calls === Number(KILL_AT);
    if (turn && KILL_WHEN === 'before') process.kill(process.pid, 'SIGKILL');
    try {
      return await original(...words);
    } finally {
      if (turn) process.kill(process.pid, 'SIGKILL');
    }
  };
}
syncBuiltinESMExports();
if (KILL_AT === undefined) process.on('exit', () => fs.writeSync(2, `\ncalls: ${calls}\n`));
