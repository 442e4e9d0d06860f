import { sbomFormats } from '../../../signing/sbom/sbom-types.js';
import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { githubOption } from '../../options/github-options.js';
import { connectionOptions } from '../../options/network-options.js';
import type { ReleaseOptions } from './run-release.js';

/** `bundles release`: the files of a release on GitHub. */
export const releaseCommand: Command<ReleaseOptions, readonly [tag: string]> = {
  name: 'release',
  group: 'publish',
  summary: 'attach lock, schemas, SBOMs and checksums to a GitHub release',
  description:
    'Make sure that the GitHub release of a tag has the lock, the workflow schemas, a bill of materials for each bundle and SHA256SUMS. A missing release is created as a draft and published when it is complete. A second run changes nothing.',
  arguments: [{ name: '<tag>', summary: 'the tag in git; it must be pushed already', complete: 'nothing' }],
  options: [
    { flags: '--title <text>', summary: 'title of a new release', usually: 'the tag' },
    {
      flags: '--notes <file>',
      summary: 'text of a new release, Markdown; - for standard input',
      usually: 'a list of the pinned bundles',
    },
    { flags: '--prerelease', summary: 'mark a new release as a pre-release' },
    { flags: '--draft', summary: 'leave the release a draft' },
    { flags: '--replace', summary: 'replace files of a published release that have other content' },
    {
      flags: '--sbom-format <format>',
      summary: 'SPDX 2.3 or CycloneDX 1.6',
      choices: sbomFormats,
      default: 'spdx',
    },
    { flags: '-n, --dry-run', summary: 'change nothing, and exit with 3 if something is missing' },
    githubOption,
    ...projectOptions,
    ...connectionOptions,
  ],
  examples: [
    { words: 'release v1.0.0', does: 'release what the lock pins, under a tag that is pushed' },
    { words: 'release v1.0.0 --draft --notes notes.md', does: 'prepare a release for a person to publish' },
    { words: 'release v1.0.0 --dry-run', does: 'show what is missing' },
  ],
  async run(session, [tag], options) {
    const { runRelease } = await import('./run-release.js');
    await runRelease(session, { tag, options });
  },
};
