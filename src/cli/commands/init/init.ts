import type { Command } from '../../command.js';
import { ciServices } from './ci-jobs.js';
import type { InitOptions } from './run-init.js';

/** `bundles init`: a bundles.yaml from a folder of pipelines. */
export const initCommand: Command<InitOptions, readonly [folder: string]> = {
  name: 'init',
  group: 'setup',
  summary: 'write a bundles.yaml for a folder of pipelines',
  description:
    'Look through a folder for Tekton files, or for a catalog such as task/NAME/VERSION/NAME.yaml, and for documents about workflows, and write a bundles.yaml that declares them, with the lines .gitignore and .gitattributes need; then lint them.',
  arguments: [{ name: '[folder]', summary: 'folder of Tekton files', default: 'pipelines' }],
  options: [
    {
      flags: '--repository <repository>',
      summary: 'registry and repository the bundles live below, e.g. quay.io/acme/bundles',
      group: 'project',
    },
    { flags: '--tag <tag>', summary: 'tag of the bundles', group: 'project', default: 'v0.1.0' },
    { flags: '--force', summary: 'replace a bundles.yaml and jobs that are there' },
    {
      flags: '--workflows',
      summary:
        'derive workflows of Pipelines named workflow; usual where documents about workflows cannot be declared',
    },
    { flags: '--no-workflows', summary: 'declare none, also of documents that people keep' },
    {
      flags: '--ci <service>',
      summary: 'write the jobs for pull requests and releases',
      choices: ciServices,
    },
  ],
  examples: [
    { words: 'init --repository quay.io/acme/test-workflows', does: 'declare what lies in pipelines/' },
    {
      words: 'init --repository ghcr.io/acme/workflows --ci github',
      does: 'with the jobs for pull requests and releases',
    },
    {
      words: 'init tekton --repository quay.io/acme/test-workflows --tag v0.2.0',
      does: 'declare what lies in another folder',
    },
  ],
  async run(session, [folder], options) {
    const { runInit } = await import('./run-init.js');
    await runInit(session, { folder, options });
  },
};
