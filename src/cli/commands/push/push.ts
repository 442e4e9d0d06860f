import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { PushOptions } from './run-push.js';

/** `bundles push`: a drop-in for `tkn bundle push`. */
export const pushCommand: Command<PushOptions, readonly [reference: string]> = {
  name: 'push',
  group: 'publish',
  summary: 'push files as one bundle, as tkn bundle push does',
  description: 'Build one bundle from the files and push it to REFERENCE, overwriting what the tag holds.',
  arguments: [
    {
      name: '<reference>',
      summary: 'registry/repository:tag, or registry/repository@digest to refuse other bytes',
    },
  ],
  options: [
    {
      flags: '-f, --file <file>',
      summary: 'YAML or JSON file, or a directory of them; - is standard input',
      repeat: true,
    },
    { flags: '--annotate <key=value>', summary: 'annotation of the manifest', repeat: true },
    { flags: '--label <key=value>', summary: 'label of the config', repeat: true },
    {
      flags: '--ctime <time>',
      summary: 'created time: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS or RFC 3339',
      variable: 'SOURCE_DATE_EPOCH',
    },
    {
      flags: '--keep-old',
      summary: 'give the digest that the tag leaves a tag of its own first, TAG-<12 hex>',
    },
    { flags: '--no-overwrite', summary: 'fail where the tag holds other content' },
    {
      flags: '--tkn-compat',
      summary:
        'allow what tkn allows: duplicates, more than 20 objects, its copy of an object before a null document',
    },
    ...connectionOptions,
  ],
  examples: [
    {
      words: 'push quay.io/acme/hello:v1.0.0 -f pipelines/hello-world.yaml',
      does: 'build and push one bundle',
    },
    {
      words: 'push quay.io/acme/hello:v1.0.0 -f - --no-overwrite',
      does: 'read the objects from standard input; keep what the tag holds',
    },
  ],
  async run(session, [reference], options) {
    const { runPush } = await import('./run-push.js');
    await runPush(session, { reference, options });
  },
};
