import type { Command } from '../../command.js';
import { catalogTokenOption, stateDirOption } from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import type { ReportOptions } from './run-report.js';

/** `bundles report`: what a catalog holds, as a page in one file. */
export const reportCommand: Command<ReportOptions> = {
  name: 'report',
  group: 'workflows',
  summary: 'write the content of a workflow catalog as one HTML page',
  description: 'Write the workflows and the audit trail of a catalog as one self-contained HTML page.',
  options: [
    { flags: '--html <file>', summary: 'the file to write', required: true },
    {
      flags: '--catalog <where>',
      summary: 'embedded, or the address of a DataStorage service',
      group: 'project',
      variable: 'BUNDLES_CATALOG',
    },
    {
      flags: '--config <file>',
      summary: 'project whose catalog it is',
      group: 'project',
      usually: 'bundles.yaml',
      variable: 'BUNDLES_CONFIG',
    },
    stateDirOption,
    catalogTokenOption,
    { flags: '--offline', summary: 'do not check whether registries still serve the bundles' },
    ...connectionOptions,
  ],
  examples: [
    { words: 'report --html catalog.html', does: 'write the catalog of the project as a page' },
    { words: 'report --html catalog.html --catalog embedded --offline', does: 'do not query registries' },
  ],
  async run(session, _, options) {
    const { runReport } = await import('./run-report.js');
    await runReport(session, options);
  },
};
