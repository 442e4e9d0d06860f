import { expect, test } from 'vitest';
import { ProgramError, type RunProgramOptions, runProgram } from './run-program.js';

const environment = { PATH: process.env.PATH, GREETING: 'hello' };
const node = (code: string, options: Partial<RunProgramOptions> = {}) =>
  runProgram(process.execPath, ['-e', code], { environment, ...options });

async function whyOf(promise: Promise<unknown>): Promise<ProgramError['why'] | undefined> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  return error instanceof ProgramError ? error.why : undefined;
}

test('a program gets its words, its input and its environment, and nothing else of ours', async () => {
  const code = `
    let text = '';
    process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
      console.log(JSON.stringify([text, process.env.GREETING, process.env.HOME ?? null]));
      console.error('a word beside');
      process.exitCode = 3;
    });`;
  const ran = await node(code, { input: 'given' });
  expect(JSON.parse(ran.output)).toEqual(['given', 'hello', null]);
  expect([ran.status, ran.errors]).toEqual([3, 'a word beside\n']);
});

test('no shell reads the words', async () => {
  const words = ['-e', 'console.log(process.argv[1])', '$(id); `id` "'];
  expect((await runProgram(process.execPath, words, { environment })).output).toBe('$(id); `id` "\n');
});

test('a program that ends by a signal reports the signal', async () => {
  expect((await node("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 9e3)")).status).toBe(
    'SIGTERM',
  );
});

test('a program that is not there, prints too much or never ends is given up with the reason', async () => {
  expect(await whyOf(runProgram('no-such-program-here', [], { environment }))).toBe('missing');
  expect(await whyOf(node("console.log('x'.repeat(100))", { longestOutput: 10 }))).toBe('output');
  expect(await whyOf(node('setTimeout(() => {}, 60e3)', { timeoutMs: 300 }))).toBe('timeout');
});

test('an abort ends the program and rejects with its own reason', async () => {
  const controller = new AbortController();
  const running = node('setTimeout(() => {}, 60e3)', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  await expect(node('1', { signal: controller.signal })).rejects.toThrow('enough');
});
