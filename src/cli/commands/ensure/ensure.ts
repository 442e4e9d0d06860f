import type { Command } from '../../command.js';
import { keylessOptions } from '../../options/keyless-options.js';
import { signingKeyOption, storageOption } from '../../options/signing-options.js';
import { type RunOptions, runArguments, runForms, runOptions } from './run-options.js';
import type { RunProjects } from './run-projects.js';

/** `bundles ensure`: the main job. The main job's entry passes in code that is already loaded. */
export const ensureCommand = (
  runProjects: RunProjects,
): Command<RunOptions & { readonly dryRun?: boolean }> => ({
  name: 'ensure',
  group: 'job',
  summary: 'make sure that every declared bundle exists: reuse, publish or fall back',
  description:
    'Build every declared bundle, query its registry, then reuse, publish or fall back; write the lock and the schemas.',
  arguments: runArguments,
  options: [
    { flags: '-y, --yes', summary: 'publish without a question at a terminal' },
    { flags: '-n, --dry-run', summary: 'print the plan and change nothing, as check does' },
    {
      flags: '--sign',
      summary: 'make sure that each bundle on its registry is signed, with --key or --keyless',
    },
    signingKeyOption,
    ...keylessOptions,
    storageOption,
    {
      flags: '--shard <k/n>',
      summary: 'only the bundles of this shard, 1/N to N/N; writes a part of the lock, not the lock',
    },
    {
      flags: '--part <place>',
      summary: 'destination of that part: a file, or oci:REGISTRY/REPOSITORY:TAG',
    },
    {
      flags: '--tekton-results <directory>',
      summary: 'write the results of a Tekton Task: part, IMAGES and summary',
      group: 'output',
    },
    ...runOptions,
  ],
  outputs: runForms,
  examples: [
    {
      words: 'ensure --profile pull-request',
      does: 'publish nothing; fall back if a registry cannot serve',
    },
    { words: 'ensure --profile release', does: 'publish what is missing, change no committed file' },
    {
      words: 'ensure hello-world --on-different overwrite',
      does: 'replace the content of one tag, on purpose',
    },
    {
      words: 'ensure --shard 3/16 --part parts/3.yaml',
      does: 'do the third of 16 shards; lock merge merges all parts',
    },
  ],
  async run(session, names, { dryRun, ...options }) {
    await runProjects(session, { mode: dryRun ? 'check' : 'ensure', names, options });
  },
});
