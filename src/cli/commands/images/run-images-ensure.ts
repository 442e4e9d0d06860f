import { resolve } from 'node:path';
import type { ImageResult, ImagesResult } from '../../../images/image-result.js';
import type { EngineOptions } from '../../../images/open-engine.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { ensureProjectImages } from '../../../release/project-images.js';
import type { Context } from '../../context.js';
import { exitCodeOf, exitCodes, worstExitCode } from '../../exit-codes.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count, formatDuration, totalsLine } from '../../output/amounts.js';
import { describeError, errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { workflowRows } from '../../output/workflow-rows.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';
import { progressOf, showImageEvent, waitText } from './show-image-event.js';

export interface ImagesEnsureOptions extends CommonOptions, NetworkOptions, EngineOptions {
  readonly config?: string;
  readonly stateDir?: string;
  /** True for --push, false for --no-push. */
  readonly push?: boolean;
  readonly offline?: boolean;
  readonly replace?: boolean;
  readonly secret?: readonly string[];
  readonly export?: string;
  readonly metrics?: string;
  /** False for --no-kind. */
  readonly kind?: string | boolean;
  readonly buildSlots?: number;
  readonly sequential?: boolean;
  /** Milliseconds. */
  readonly buildTimeout: number;
  readonly waitTimeout?: number;
  readonly recoveryTimeout?: number;
  /** Bytes. */
  readonly minDisk?: number;
  readonly minMemory?: number;
}

export interface ImagesEnsureRequest {
  readonly names: readonly string[];
  readonly options: ImagesEnsureOptions;
}

/** Makes sure of the declared images, reports and sets the exit status. */
export async function runImagesEnsure(
  session: Session,
  { names, options }: ImagesEnsureRequest,
): Promise<void> {
  const { context } = session;
  const wait = context.waits.begin('asking the container engine');
  const result = await ensureProjectImages(context, {
    ...options,
    names,
    buildTimeoutMs: options.buildTimeout,
    waitTimeoutMs: options.waitTimeout,
    recoveryTimeoutMs: options.recoveryTimeout,
    minDiskBytes: options.minDisk,
    minMemoryBytes: options.minMemory,
    ownFiles: options.metrics === undefined ? [] : [options.metrics],
    onEvent(event) {
      const line = options.quiet ? undefined : showImageEvent(event);
      if (line !== undefined) context.stderr.line(line);
      if (event.type !== 'warning') wait.say(waitText(event), progressOf(event));
    },
  });
  wait.end();
  const { images, workflows } = result;
  const screen = createScreen(context, 'stdout', options);
  if (options.output === 'json') context.stdout.json(result);
  else {
    const rows = workflowRows(workflows, { verbose: options.verbose === true });
    const lines = showImages(result, screen, options.verbose === true);
    context.stdout.lines([...lines, ...formatRows(rows, screen)]);
  }
  session.exitCode = worstExitCode([
    ...[...images, ...workflows].map((one) => (one.error ? exitCodes[one.error.code] : 0)),
    await writeMetrics(context, options, result),
  ]);
}

/** Gives the exit status of that: the result is printed once, whatever happens to its metrics. */
async function writeMetrics(
  context: Context,
  { metrics, verbose }: ImagesEnsureOptions,
  result: ImagesResult,
): Promise<number> {
  if (metrics === undefined) return 0;
  const { formatImageMetrics } = await import('../../../images/image-metrics.js');
  const { openReportFile } = await import('../../output/ci/report-file.js');
  const file = openReportFile(context, resolve(metrics));
  file.writer.lines(formatImageMetrics(result, { finished: context.clock.now() }));
  try {
    await file.save();
    return 0;
  } catch (error) {
    context.stderr.lines(describeError(error, { verbose: verbose === true }));
    return exitCodeOf(error);
  }
}

/** The result of `images ensure` for people. */
function showImages({ images, summary }: ImagesResult, screen: Screen, verbose: boolean): string[] {
  const lines = formatRows(
    images.map((image) => rowOf(image, verbose)),
    screen,
  );
  if (summary) {
    const { durationMs, built, reused, failed } = summary;
    const totals = totalsLine({
      what: count(images.length, 'image'),
      durationMs,
      counts: { built, reused, failed },
    });
    lines.push('', ...wrap([['bold', totals]], { indent: 0 }, screen));
  }
  return lines;
}

function rowOf(image: ImageResult, verbose: boolean): Row {
  const { name, outcome, digest, use, exported, loaded, error, durationMs } = image;
  const [text = '', ...more]: Text[] = [
    ...(error ? errorTexts(error) : []),
    ...(error ? lastLines(image).map((line): Text => [['dim', `| ${line}`]]) : []),
    ...(error ? [] : [where(image, durationMs)]),
    ...(use ? [`image: ${use.reference}`, `imagePullPolicy: ${use.imagePullPolicy}`] : []),
    ...(exported ? [`exported to ${exported}`] : []),
    ...(loaded.length > 0 ? [`loaded into ${loaded.join(', ')}`] : []),
  ];
  return {
    mark: outcome === 'failed' ? 'failed' : 'ok',
    name,
    outcome,
    digest: error ? null : digest,
    text,
    more,
    wide: verbose && digest ? [digest] : [],
  };
}

function lastLines({ error }: ImageResult): readonly string[] {
  const lines = error?.details.lastLines;
  return Array.isArray(lines) ? lines.map(String) : [];
}

function where({ outcome, from, pushed, verdict, reason }: ImageResult, durationMs: number): string {
  const words = [
    outcome === 'built' ? `in ${formatDuration(durationMs)}` : undefined,
    from === 'registry' ? 'from its registry' : from === 'store' ? 'from the local store' : undefined,
    pushed ? 'pushed' : undefined,
    verdict && verdict !== 'present' && !pushed ? [verdict, reason].filter(Boolean).join(': ') : undefined,
  ];
  return words.filter((word) => word !== undefined).join(', ');
}
