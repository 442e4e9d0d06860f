// Preloaded by a test: ends this process as by SIGKILL at the KILL_AT-th call that changes the disk, before it or after
// it, as KILL_WHEN states. Without KILL_AT it prints the number of calls on standard error at the end.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { KILL_AT, KILL_WHEN } = process.env;
let calls = 0;

const killIf = (turn) => turn && process.kill(process.pid, 'SIGKILL');

for (const [module, suffix] of [
  [fs.promises, ''],
  [fs, 'Sync'],
]) {
  for (const name of ['open', 'rename', 'unlink', 'mkdir', 'rmdir', 'utimes']) {
    const original = module[name + suffix];
    module[name + suffix] = (...words) => {
      if (name === 'open' && !String(words[1]).startsWith('w')) return original(...words);
      const turn = ++calls === Number(KILL_AT);
      killIf(turn && KILL_WHEN === 'before');
      let result;
      try {
        result = original(...words);
      } catch (error) {
        killIf(turn);
        throw error;
      }
      if (result instanceof Promise) return result.finally(() => killIf(turn));
      killIf(turn);
      return result;
    };
  }
}
syncBuiltinESMExports();
if (KILL_AT === undefined) process.on('exit', () => fs.writeSync(2, `\ncalls: ${calls}\n`));
