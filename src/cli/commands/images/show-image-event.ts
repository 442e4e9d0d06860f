import { statSync } from 'node:fs';
import type { ImageEvent } from '../../../images/image-run.js';
import { count, formatByteSize } from '../../output/amounts.js';
import type { Progress } from '../../output/show-waits.js';

/** What is waited for after an event, in short: the time that it takes is beside it. */
export function waitText(event: Exclude<ImageEvent, { readonly type: 'warning' }>): string {
  const { image } = event;
  switch (event.type) {
    case 'queued':
      return `waiting to build ${image}, place ${event.place.place} of ${event.place.waiting}`;
    case 'waiting':
      return `waiting for room to build ${image}`;
    case 'retrying':
      return `retrying ${image}, attempt ${event.attempt}`;
    case 'loading':
      return `loading ${image} into ${event.cluster}`;
    case 'reading':
      return `reading the build context of ${image}`;
    case 'step':
      return `building ${image}`;
    case 'pushing':
    case 'building':
    case 'exporting':
      return `${event.type} ${image}`;
  }
}

/** How far that has come, where the machine reports. */
export function progressOf(event: ImageEvent): (() => Progress | undefined) | undefined {
  switch (event.type) {
    case 'reading': {
      const { entries, of, bytes } = event;
      const text = `${formatByteSize(bytes)}, ${entries} of ${count(of, 'file')}`;
      return () => ({ done: entries, total: of, text });
    }
    case 'step': {
      const { step, of, stage, stages } = event;
      const text = `step ${step} of ${of}${stages > 1 ? `, stage ${stage} of ${stages}` : ''}`;
      return () => ({ done: step - 1, total: of, text });
    }
    case 'exporting': {
      const { partial, bytes } = event;
      return () => {
        const done = sizeOf(partial);
        if (bytes === null) return { done, total: 0, text: formatByteSize(done) };
        const total = Math.max(bytes, done);
        return { done, total, text: `${formatByteSize(done)} of ${formatByteSize(total)}` };
      };
    }
    default:
      return undefined;
  }
}

/** 0 for a file that is not there yet. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

/** One line for standard error; undefined for frequent events. */
export function showImageEvent(event: ImageEvent): string | undefined {
  const { image } = event;
  switch (event.type) {
    case 'queued': {
      const { place, waiting, holders, stopped } = event.place;
      const what = event.for === 'key' ? 'somebody else builds the same' : 'waiting for a build slot';
      return `${image}: ${what}, place ${place} of ${waiting} (at it: ${showHolders(holders, stopped)})`;
    }
    case 'waiting':
      return `${image}: waiting for room that other builds use: ${event.failure.message}`;
    case 'building':
      return `${image}: building (output: ${event.log})`;
    case 'retrying':
      return `${image}: attempt ${event.attempt} as soon as the engine answers: ${event.failure.message}`;
    case 'pushing':
      return `${image}: pushing ${event.reference}`;
    case 'exporting':
      return `${image}: exporting to ${event.file}`;
    case 'reading':
    case 'step':
      return undefined;
    case 'loading':
      return `${image}: loading into the kind cluster ${event.cluster}`;
    case 'warning':
      return `warning: ${image}: ${event.message}`;
  }
}

/** Process numbers; those that are stopped are marked. */
export function showHolders(holders: readonly number[], stopped: readonly number[]): string {
  const shown = holders.map((pid) => (stopped.includes(pid) ? `${pid}, which is stopped` : String(pid)));
  const parts = stopped.filter((pid) => !holders.includes(pid)).map((pid) => `${pid}, which is stopped`);
  return [...shown, ...parts].join(', ') || 'another run';
}
