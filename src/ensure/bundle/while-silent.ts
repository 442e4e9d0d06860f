import type { Clock } from '../../async/clock.js';

/** A registry that has not answered for so long may never do. */
const silenceMs = 1_000;

/**
 * Waits for an answer, and does something useful meanwhile when it takes long. What that is must not matter: its
 * failure is ignored, and its end is awaited.
 */
export async function whileSilent<T>(
  answer: Promise<T>,
  { clock, meanwhile }: { readonly clock: Clock; readonly meanwhile: () => Promise<void> },
): Promise<T> {
  let busy: Promise<void> | undefined;
  const callOff = clock.alarm(silenceMs, () => {
    busy = meanwhile().catch(() => undefined);
  });
  try {
    return await answer;
  } finally {
    callOff();
    await busy;
  }
}
