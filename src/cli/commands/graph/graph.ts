import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { GraphOptions } from './run-graph.js';

/** `bundles graph`: the tasks of a Pipeline, in order. */
export const graphCommand: Command<GraphOptions, readonly [word: string, pipeline?: string]> = {
  name: 'graph',
  group: 'look',
  summary: 'draw the tasks of a Pipeline with their order and conditions',
  description:
    'Show which tasks of a Pipeline depend on which, under what condition each runs, and what runs at the end: as text, as SVG, or as Mermaid for a pull request.',
  arguments: [
    {
      name: '<bundle>',
      summary: 'the name of a declared bundle; a reference, a layout or an archive; a Tekton file',
      complete: 'bundle',
    },
    { name: '[pipeline]', summary: 'name of the Pipeline, if there are several', complete: 'nothing' },
  ],
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml that declares the bundle',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    ...connectionOptions,
  ],
  outputs: ['svg', 'mermaid'],
  examples: [
    { words: 'graph hello-world', does: 'the tasks of a declared bundle' },
    { words: 'graph pipelines/hello-world.yaml -o mermaid', does: 'to paste into a pull request' },
    { words: 'graph quay.io/acme/hello:v1.0.0 -o svg', does: 'a picture of what is published' },
  ],
  async run(session, [word, pipeline], options) {
    const { runGraph } = await import('./run-graph.js');
    await runGraph(session, { word, pipeline, options });
  },
};
