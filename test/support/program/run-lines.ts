import { spawn } from 'node:child_process';

/** Gives a program one JSON document a line, and gives back the one it answers each with. */
export async function runLines<T>(
  program: string,
  requests: readonly unknown[],
  words: readonly string[] = [],
): Promise<T[]> {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const code = await ended;
  const lines = Buffer.concat(chunks).toString().split('\n').slice(0, -1);
  if (code !== 0 || lines.length !== requests.length) {
    throw new Error(`${program}: ${code}, ${lines.length} answers to ${requests.length} requests`);
  }
  return lines.map((line) => JSON.parse(line) as T);
}
