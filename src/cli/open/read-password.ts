import { BundlesError } from '../../errors.js';
import type { Context } from '../context.js';

const longest = 64 * 1024;

/** The password on standard input, without the line end that `echo` adds. @throws USAGE */
export async function readPassword({ stdin, signal }: Context): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    signal.throwIfAborted();
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > longest) throw refused(`it is longer than ${longest} bytes`);
    chunks.push(bytes);
  }
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password === '') throw refused('it is empty');
  return password;
}

function refused(why: string): BundlesError {
  return new BundlesError('USAGE', `Cannot take the password from standard input: ${why}`, {
    hint: 'Pipe it in: printf %s "$TOKEN" | npx tekton-bundles login quay.io -u USER --password-stdin',
  });
}
