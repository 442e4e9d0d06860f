import { expect, test } from 'vitest';
import { readCapped } from './read-capped.js';

function streamOf(chunks: readonly string[]) {
  const seen = { cancelled: false };
  const rest = [...chunks];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = rest.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(Buffer.from(chunk));
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  return { stream, seen };
}

test('a stream of exactly the limit is read whole', async () => {
  const bytes = await readCapped(streamOf(['ab', '', 'c']).stream, { limit: 3, what: 'it' });
  expect(Buffer.from(bytes).toString()).toBe('abc');
});

test('a longer stream is refused and cancelled', async () => {
  const { stream, seen } = streamOf(['ab', 'cd', 'ef', 'gh']);
  await expect(readCapped(stream, { limit: 3, what: 'it' })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  expect(seen.cancelled).toBe(true);
});

test('an abort ends a read that waits', async () => {
  const controller = new AbortController();
  const reading = readCapped(new ReadableStream(), { limit: 3, what: 'it', signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
});

test('the error of a stream comes through', async () => {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new Error('broken')),
  });
  await expect(readCapped(stream, { limit: 3, what: 'it' })).rejects.toThrow('broken');
});
