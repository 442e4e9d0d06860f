import type { ImageResult, ImagesResult } from '../../../images/image-result.js';
import type { ImageEvent } from '../../../images/image-run.js';
import { errorLines } from '../../output/show-result.js';
import type { Paint } from '../../output/terminal.js';

/** One line for standard error. */
export function showImageEvent(event: ImageEvent): string {
  const { image } = event;
  switch (event.type) {
    case 'queued': {
      const { place, waiting, holders } = event.place;
      const what = event.for === 'key' ? 'somebody else builds the same' : 'waiting for a build slot';
      return `${image}: ${what}, place ${place} of ${waiting} (at it: ${holders.join(', ') || 'nobody'})`;
    }
    case 'building':
      return `${image}: building (output: ${event.log})`;
    case 'retrying':
      return `${image}: attempt ${event.attempt} as soon as the engine answers: ${event.failure.message}`;
    case 'pushing':
      return `${image}: pushing ${event.reference}`;
    case 'loading':
      return `${image}: loading into the kind cluster ${event.cluster}`;
    case 'warning':
      return `warning: ${image}: ${event.message}`;
  }
}

/** The result of `images ensure` for people. */
export function showImages({ images, summary }: ImagesResult, paint: Paint): string {
  const lines = images.flatMap((image) => showImage(image, paint));
  if (summary) {
    const parts = (['built', 'reused', 'failed'] as const)
      .filter((word) => summary[word] > 0)
      .map((word) => `${summary[word]} ${word}`);
    lines.push(paint('bold', `${parts.join(', ')}; ${summary.durationMs} ms`));
  }
  return `${lines.join('\n')}\n`;
}

function showImage(image: ImageResult, paint: Paint): string[] {
  const lines = [`${mark(image, paint)} ${paint('bold', image.name)} ${image.outcome}${where(image)}`];
  if (image.use)
    lines.push(`  image: ${image.use.reference}`, `  imagePullPolicy: ${image.use.imagePullPolicy}`);
  if (image.digest) lines.push(paint('dim', `  ${image.digest}`));
  if (image.exported) lines.push(`  exported to ${image.exported}`);
  if (image.loaded.length > 0) lines.push(`  loaded into ${image.loaded.join(', ')}`);
  if (image.error) {
    lines.push(...errorLines(image.error, { paint, indent: '  ' }));
    for (const line of lastLines(image)) lines.push(paint('dim', `  | ${line}`));
  }
  return lines;
}

function lastLines({ error }: ImageResult): readonly string[] {
  const lines = error?.details.lastLines;
  return Array.isArray(lines) ? lines.map(String) : [];
}

function where({ from, pushed, verdict, reason }: ImageResult): string {
  const words = [
    from === 'registry' ? 'from its registry' : from === 'store' ? 'from the local store' : undefined,
    pushed ? 'pushed' : undefined,
    verdict && verdict !== 'present' && !pushed ? [verdict, reason].filter(Boolean).join(': ') : undefined,
  ].filter((word) => word !== undefined);
  return words.length > 0 ? ` (${words.join(', ')})` : '';
}

function mark({ outcome }: ImageResult, paint: Paint): string {
  return outcome === 'failed' ? paint('red', '✗') : paint('green', '✓');
}
