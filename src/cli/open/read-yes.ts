import type { Context } from '../context.js';

/** Reads one line of standard input: true where it is y or yes. @throws the signal's reason */
export async function readYes(stdin: Context['stdin'], signal: AbortSignal | undefined): Promise<boolean> {
  const answer = await readLine(stdin, signal);
  return answer !== undefined && /^\s*y(?:es)?\s*$/i.test(answer);
}

/** The next line; undefined where input ends without one. @throws the signal's reason */
function readLine(stdin: Context['stdin'], signal: AbortSignal | undefined): Promise<string | undefined> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (settle: () => void) => {
      stdin.off('data', take).off('end', close).off('error', fail);
      signal?.removeEventListener('abort', abort);
      stdin.pause();
      settle();
    };
    const take = (chunk: Buffer | string) => {
      text += String(chunk);
      const at = text.indexOf('\n');
      // Endless input counts as no.
      if (at >= 0 || text.length > 1_000) end(() => resolve(at >= 0 ? text.slice(0, at) : ''));
    };
    const close = () => end(() => resolve(undefined));
    const fail = (error: unknown) => end(() => reject(error));
    const abort = () => end(() => reject(signal?.reason));
    stdin.on('data', take).on('end', close).on('error', fail);
    signal?.addEventListener('abort', abort, { once: true });
    stdin.resume();
  });
}
