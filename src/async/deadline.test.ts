import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { createDeadline } from './deadline.js';
import { systemClock } from './system-clock.js';

/** Answers one request as soon as the first flag is set, and sets the second when the answer is written. */
const server = `
  const { createServer } = require('node:http');
  const { parentPort, workerData: flags } = require('node:worker_threads');
  createServer((asked, answer) => {
    parentPort.postMessage('asked');
    Atomics.wait(flags, 0, 0);
    answer.writeHead(204).end(() => {
      Atomics.store(flags, 1, 1);
      Atomics.notify(flags, 1);
    });
  }).listen(0, '127.0.0.1', function () {
    parentPort.postMessage(this.address().port);
  });
`;

/** What comes of a deadline of `ms` while this thread does nothing for longer than that, during which the answer may come. */
async function askedAndPaused({ answered }: { readonly answered: boolean }): Promise<unknown> {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(server, { eval: true, workerData: flags });
  onTestFinished(async () => {
    Atomics.store(flags, 0, 1);
    Atomics.notify(flags, 0);
    await worker.terminate();
  });
  const [port] = await once(worker, 'message');
  const deadline = createDeadline(systemClock);
  const sent = request({ host: '127.0.0.1', port, signal: deadline.signal }).on('error', () => undefined);
  const response = once(sent, 'response').then(([answer]: IncomingMessage[]) => answer?.statusCode);
  response.catch(() => undefined);
  sent.end();
  await once(worker, 'message');
  return await new Promise((resolve, reject) => {
    setImmediate(() => {
      deadline.within(10, response).then(resolve, reject);
      if (answered) {
        Atomics.store(flags, 0, 1);
        Atomics.notify(flags, 0);
        Atomics.wait(flags, 1, 0);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    });
  }).finally(() => deadline.close());
}

test('an answer that came while the process was paused counts, though the deadline passed in the pause', async () => {
  expect(await askedAndPaused({ answered: true })).toBe(204);
});

test('a deadline that passed in a pause without an answer is passed', async () => {
  await expect(askedAndPaused({ answered: false })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
});
