import type { Command } from '../../command.js';
import { ciServices } from './ci-jobs.js';
import type { InitOptions } from './run-init.js';

/** `bundles init`: a bundles.yaml from a folder of pipelines. */
export const initCommand: Command<InitOptions, readonly [folder: string]> = {
  name: 'init',
  group: 'setup',
  summary: 'write a bundles.yaml for a folder of pipelines',
  description:
    'Search a folder for Tekton files, a catalog such as task/NAME/VERSION/NAME.yaml, and documents about workflows. Write a bundles.yaml that declares them, add lines to .gitignore and .gitattributes, then lint the sources.',
  arguments: [{ name: '[folder]', summary: 'folder of Tekton files', default: 'pipelines' }],
  options: [
    {
      flags: '--repository <repository>',
      summary: 'registry and repository above the bundles, e.g. quay.io/acme/bundles',
      group: 'project',
    },
    { flags: '--tag <tag>', summary: 'tag of the bundles', group: 'project', default: 'v0.1.0' },
    { flags: '--force', summary: 'replace an existing bundles.yaml and existing jobs' },
    {
      flags: '--workflows',
      summary:
        'derive workflows from Pipelines named workflow; the default if workflow documents exist but cannot be declared',
    },
    { flags: '--no-workflows', summary: 'declare no workflows, not even existing documents' },
    {
      flags: '--ci <service>',
      summary: 'write the jobs for pull requests and releases',
      choices: ciServices,
    },
  ],
  examples: [
    { words: 'init --repository quay.io/acme/test-workflows', does: 'declare the files in pipelines/' },
    {
      words: 'init --repository ghcr.io/acme/workflows --ci github',
      does: 'with the jobs for pull requests and releases',
    },
    {
      words: 'init tekton --repository quay.io/acme/test-workflows --tag v0.2.0',
      does: 'declare the files in another folder',
    },
  ],
  async run(session, [folder], options) {
    const { runInit } = await import('./run-init.js');
    await runInit(session, { folder, options });
  },
};
