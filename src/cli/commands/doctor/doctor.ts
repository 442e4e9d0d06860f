import type { Command } from '../../command.js';
import { catalogOption, catalogTokenOption, projectOptions } from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { parseByteSize } from '../../options/option-values.js';
import type { DoctorOptions } from './run-doctor.js';

/** `bundles doctor`: whether it will work here. */
export const doctorCommand: Command<DoctorOptions> = {
  name: 'doctor',
  group: 'setup',
  summary: 'check everything that ensure needs, and suggest fixes',
  description:
    'Check everything that ensure depends on: configuration, sources, credentials, registry, clock, state, fallback, cluster, catalog, engine, disk, memory. It changes nothing and requests no push access.',
  options: [
    {
      flags: '--cluster <kind>',
      summary: 'kind: also find a registry that the cluster in the kubeconfig can read',
      choices: ['none', 'kind'],
      default: 'none',
    },
    { flags: '--context <name>', summary: 'context of the kubeconfig; alone it means --cluster kind' },
    catalogOption,
    catalogTokenOption,
    { flags: '--engine <program>', summary: 'podman, buildah or docker, or the path of one' },
    { flags: '--all', summary: 'also check what the project does not use, such as a container engine' },
    { flags: '--report', summary: 'print one page of Markdown for a bug report, without secrets' },
    {
      flags: '--min-disk <size>',
      summary: 'disk that must be free',
      usually: '2GiB where images are built, else 64MiB',
      parse: parseByteSize,
    },
    {
      flags: '--min-memory <size>',
      summary: 'memory that must be available',
      usually: '1GiB where images are built, else 128MiB',
      parse: parseByteSize,
    },
    ...connectionOptions,
    ...projectOptions,
  ],
  examples: [
    { words: 'doctor', does: 'check what ensure needs on this machine' },
    { words: 'doctor --output json', does: 'the same, for programs' },
    { words: 'doctor --report', does: 'a page to paste into a bug report' },
  ],
  async run(session, _, options) {
    const { runDoctor } = await import('./run-doctor.js');
    await runDoctor(session, options);
  },
};
