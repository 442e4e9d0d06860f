import type { LoadedBundle } from '../../../bundle/load-bundle.js';
import { BundlesError } from '../../../errors.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { readTaskGraph, type TaskGraph } from '../../../tekton/graph/task-graph.js';
import type { TektonObject } from '../../../tekton/objects/object.js';
import { objectPart } from '../../../tekton/objects/object-part.js';
import { type BundleInputOptions, readBundleInput } from '../../open/bundle-input.js';
import { loadBundleInputs } from '../../open/load-bundle-inputs.js';
import type { CommonOptions } from '../../options/common-options.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showGraph } from './show-graph.js';

export interface GraphOptions extends Omit<CommonOptions, 'output'>, NetworkOptions, BundleInputOptions {
  readonly output: 'text' | 'json' | 'svg' | 'mermaid';
}

/** Draws one Pipeline. */
export async function runGraph(
  { context }: Session,
  {
    word,
    pipeline: wanted,
    options,
  }: { readonly word: string; readonly pipeline: string | undefined; readonly options: GraphOptions },
): Promise<void> {
  const input = await readBundleInput(context, word, options);
  const [loaded] = await loadBundleInputs(context, [input], options);
  if (!loaded) throw new TypeError('one bundle was asked for');
  const pipeline = choosePipeline(loaded.bundle, { word, wanted });
  const { name } = pipeline;
  const graph = readTaskGraph(objectPart(pipeline, []));
  const { stdout } = context;
  if (options.output === 'json') {
    stdout.json({ version: 1, name: input.name, pipeline: name, ...graph, error: null });
  } else if (options.output === 'svg') {
    const { writeSvg } = await import('../../../tekton/graph/write-svg.js');
    stdout.lines(writeSvg(graph, titleOf(graph, name)));
  } else if (options.output === 'mermaid') {
    const { writeMermaid } = await import('../../../tekton/graph/write-mermaid.js');
    stdout.lines(writeMermaid(graph));
  } else stdout.lines(showGraph(graph, { name, screen: createScreen(context, 'stdout', options) }));
}

function titleOf({ tasks }: TaskGraph, name: string): string {
  return `Pipeline ${name}: ${tasks.map((task) => task.name).join(', ')}`;
}

/** @throws NOT_FOUND, USAGE where there are several */
function choosePipeline(
  { objects }: LoadedBundle,
  { word, wanted }: { readonly word: string; readonly wanted: string | undefined },
): TektonObject {
  const all = objects.flatMap(({ object }) => object ?? []);
  const pipelines = all.filter(({ kind }) => kind === 'Pipeline');
  const found = wanted === undefined ? pipelines : pipelines.filter(({ name }) => name === wanted);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const names = pipelines.map(({ name }) => name).join(', ');
  if (only !== undefined) {
    throw new BundlesError('USAGE', `Cannot draw ${JSON.stringify(word)}: it holds several Pipelines`, {
      hint: `Name one behind it: ${names}`,
      details: { pipelines: pipelines.map(({ name }) => name) },
    });
  }
  const held = all.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  throw new BundlesError(
    'NOT_FOUND',
    `Cannot find ${wanted === undefined ? 'a Pipeline' : `the Pipeline ${JSON.stringify(wanted)}`} in ${JSON.stringify(word)}`,
    { hint: held === '' ? 'The bundle is empty' : `It holds ${held}` },
  );
}
