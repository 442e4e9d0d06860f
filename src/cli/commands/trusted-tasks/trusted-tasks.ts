import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { InvalidValue } from '../../options/invalid-value.js';
import { connectionOptions } from '../../options/network-options.js';
import type { TrustedTasksOptions } from './run-trusted-tasks.js';

/** `bundles trusted-tasks`: the list of Tasks that Conforma trusts. */
export const trustedTasksCommand: Command<TrustedTasksOptions> = {
  name: 'trusted-tasks',
  group: 'sign',
  summary: 'list the Tasks that Conforma trusts, as ec track bundle does',
  description:
    'Add the digests in bundles.lock to a list of trusted Tasks. The newest digest of each bundle never expires, earlier ones do. Only bundles with Tasks are listed. Without --to, print the list.',
  arguments: [
    {
      name: '[bundles...]',
      summary: 'declared bundles, by the digest in the lock; default: all',
      complete: 'bundle',
    },
  ],
  options: [
    {
      flags: '--to <place>',
      summary:
        'where to write the list: a file, or an OCI artifact (registry/repository:tag or oci:DIRECTORY:tag); an existing list is extended',
    },
    {
      flags: '--input <place>',
      summary: 'list to extend, a file or an OCI artifact, instead of the one at --to',
    },
    {
      flags: '--in-effect-days <days>',
      summary: 'how long a digest stays trusted after a newer one appears',
      default: 60,
      parse: parseDays,
    },
    { flags: '--no-prune', summary: 'keep entries that have expired' },
    { flags: '--no-keep-old', summary: 'do not keep the old list under another tag' },
    {
      flags: '--rules',
      summary: 'print trusted_task_rules that allow the repositories of these bundles, instead of the list',
    },
    { flags: '--group <name>', summary: 'group of the rules', usually: 'bundles' },
    ...connectionOptions,
    ...projectOptions,
  ],
  examples: [
    { words: 'trusted-tasks', does: 'print the list, from the lock alone' },
    { words: 'trusted-tasks --to trusted_tasks.yaml', does: 'add what is new to a file' },
    {
      words: 'trusted-tasks --to quay.io/acme/data-acceptable-bundles:latest',
      does: 'and to the artifact that Conforma reads as oci::quay.io/…',
    },
  ],
  async run(session, words, options) {
    const { runTrustedTasks } = await import('./run-trusted-tasks.js');
    await runTrustedTasks(session, { words, options });
  },
};

function parseDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(days)) throw new InvalidValue('a number of days, 0 to 9999');
  return days;
}
