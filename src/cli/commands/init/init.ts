import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { InitOptions } from './run-init.js';

/** `bundles init`: a bundles.yaml from a folder of pipelines. */
export function addInit(program: Command, session: Session): void {
  const command = program
    .command('init')
    .summary('write a bundles.yaml for a folder of pipelines')
    .description(
      'Look through a folder for Tekton files and write a bundles.yaml that declares one bundle for each, with the lines .gitignore and .gitattributes need.',
    )
    .argument('[folder]', 'folder of Tekton files', 'pipelines')
    .option(
      '--repository <repository>',
      'registry and repository the bundles live below, e.g. quay.io/acme/bundles',
    )
    .option('--tag <tag>', 'tag of the bundles', 'v0.1.0')
    .option('--force', 'replace a bundles.yaml that is there');
  addCommonOptions(command).action(async (folder: string, options: InitOptions) => {
    const { runInit } = await import('./run-init.js');
    await runInit(session, { folder, options });
  });
}
