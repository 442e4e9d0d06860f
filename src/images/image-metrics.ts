import type { ImageResult, ImagesResult } from './image-result.js';

interface Family {
  readonly name: string;
  readonly help: string;
  /** The samples of one image. */
  readonly samples: (image: ImageResult) => readonly Sample[];
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const families: readonly Family[] = [
  {
    name: 'bundles_image_reused',
    help: 'Whether the last run reused the image, by where it was found.',
    samples: ({ outcome, from }) =>
      (['registry', 'store'] as const).map((place) => ({
        labels: { from: place },
        value: Number(outcome === 'reused' && from === place),
      })),
  },
  {
    name: 'bundles_image_builds',
    help: 'Builds of the image in the last run, by result. A failed push or load counts as failed.',
    samples: ({ outcome, attempts }) =>
      (['built', 'failed'] as const).map((result) => ({
        labels: { result },
        value: Number(attempts > 0 && outcome === result),
      })),
  },
  {
    name: 'bundles_image_failed',
    help: 'Failure of the image in the last run, by error code. An image that did not fail has no sample.',
    samples: ({ error }) => (error === null ? [] : [{ labels: { code: error.code }, value: 1 }]),
  },
  {
    name: 'bundles_image_build_attempts',
    help: 'How often the engine built the image in the last run, failed attempts included.',
    samples: ({ attempts }) => [{ value: attempts }],
  },
  {
    name: 'bundles_image_recoveries',
    help: 'Engine commands that were run again in the last run because the engine failed temporarily.',
    samples: ({ recoveries }) => [{ value: recoveries }],
  },
  {
    name: 'bundles_image_queue_seconds',
    help: 'Time in the queue for a build slot in the last run.',
    samples: ({ queuedMs }) => [{ value: queuedMs / 1000 }],
  },
  {
    name: 'bundles_image_build_seconds',
    help: 'Time the build took in the last run, all attempts included.',
    samples: ({ buildMs }) => [{ value: buildMs / 1000 }],
  },
  {
    name: 'bundles_image_duration_seconds',
    help: 'Time the last run spent on the image.',
    samples: ({ durationMs }) => [{ value: durationMs / 1000 }],
  },
];

/**
 * The lines of a run of `images ensure` in the text format of Prometheus. All values are gauges of the last run, since the file is
 * replaced by each run. Labels take few values: declared names of images, engines, and closed sets of words.
 */
export function formatImageMetrics(
  { images, summary }: ImagesResult,
  { finished }: { /** Milliseconds since 1970. */ readonly finished: number },
): readonly string[] {
  const lines = families.flatMap(({ name, help, samples }) => {
    const found = images.flatMap((image) =>
      samples(image).map(({ labels, value }) => {
        const all = formatLabels({ image: image.name, engine: image.engine ?? 'none', ...labels });
        return `${name}{${all}} ${value}`;
      }),
    );
    return found.length === 0 ? [] : [...heading(name, help), ...found];
  });
  return [
    ...lines,
    ...heading('bundles_images_run_duration_seconds', 'Time the last run took.'),
    `bundles_images_run_duration_seconds ${(summary?.durationMs ?? 0) / 1000}`,
    ...heading('bundles_images_run_timestamp_seconds', 'When the last run ended, in Unix time.'),
    `bundles_images_run_timestamp_seconds ${Math.round(finished) / 1000}`,
  ];
}

function heading(name: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join();
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (mark) => (mark === '\n' ? '\\n' : `\\${mark}`));
}
