import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { githubOption } from '../../options/github-options.js';
import { connectionOptions } from '../../options/network-options.js';
import type { UpdateRefsOptions } from './run-update-refs.js';

/** `bundles update-refs`: references in other files. */
export const updateRefsCommand: Command<UpdateRefsOptions> = {
  name: 'update-refs',
  group: 'job',
  summary: 'update references in other files to the lock',
  description:
    'Find references to the bundles of bundles.lock in the text files of the repository, and update their tag and digest. Without --write, --check or --pull-request, print the changes. Every other byte of a file stays as it is.',
  arguments: [
    {
      name: '[paths...]',
      summary: 'files and directories; default: the whole repository',
      complete: 'file',
    },
  ],
  options: [
    { flags: '--write', summary: 'edit the files' },
    { flags: '--check', summary: 'edit nothing, and exit with 3 if a reference is out of date' },
    {
      flags: '--pull-request',
      summary: 'propose the changes on GitHub: one commit on one branch, and one pull request',
    },
    { flags: '--pin', summary: 'also add the digest to references without one' },
    { flags: '--branch <branch>', summary: 'branch of the pull request', default: 'bundles/update-refs' },
    {
      flags: '--base <branch>',
      summary: 'base branch of the pull request',
      usually: 'the default branch',
    },
    githubOption,
    ...connectionOptions,
    ...projectOptions,
  ],
  examples: [
    { words: 'update-refs', does: 'show what would change in the repository' },
    { words: 'update-refs deploy .tekton --write', does: 'edit the files of two directories' },
    { words: 'update-refs --pull-request', does: 'open a pull request on GitHub, or update it' },
    { words: 'update-refs --check', does: 'fail if a reference is out of date' },
  ],
  async run(session, paths, options) {
    const { runUpdateRefs } = await import('./run-update-refs.js');
    await runUpdateRefs(session, { paths, options });
  },
};
