import { sbomFormats } from '../../../signing/sbom/sbom-types.js';
import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { SbomOptions } from './run-sbom.js';

/** `bundles sbom`: what bundles are made of and need. */
export const sbomCommand: Command<SbomOptions> = {
  name: 'sbom',
  group: 'sign',
  summary: 'write the bill of materials of bundles, or attach it to them',
  description:
    'List what a bundle contains and what it needs at run time: its objects, the images of steps and sidecars, and nested bundles, including those that are not pinned. The same bundle gives the same bytes.',
  arguments: [
    {
      name: '[subjects...]',
      summary: 'declared bundles, built from their sources, or locations; default: all declared bundles',
      complete: 'bundle',
    },
  ],
  options: [
    {
      flags: '--format <format>',
      summary: 'SPDX 2.3 or CycloneDX 1.6',
      choices: sbomFormats,
      default: 'spdx',
    },
    { flags: '--to <directory>', summary: 'write DIRECTORY/NAME.spdx.json or DIRECTORY/NAME.cdx.json' },
    {
      flags: '--attach',
      summary: 'describe the bundle on the registry and attach the document to it as a referrer',
    },
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml that declares the bundles',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    ...connectionOptions,
  ],
  examples: [
    { words: 'sbom hello-world', does: 'print the SPDX document of a declared bundle, without a network' },
    {
      words: 'sbom quay.io/acme/hello:v1.0.0 --format cyclonedx --to out',
      does: 'write out/hello.cdx.json for a published bundle',
    },
    { words: 'sbom --attach', does: 'attach a document to every declared bundle that the lock pins' },
  ],
  async run(session, words, options) {
    const { runSbom } = await import('./run-sbom.js');
    await runSbom(session, { words, options });
  },
};
