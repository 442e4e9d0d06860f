import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { InvalidValue } from '../../options/invalid-value.js';
import { connectionOptions } from '../../options/network-options.js';
import type { TrustedTasksOptions } from './run-trusted-tasks.js';

/** `bundles trusted-tasks`: the list of Tasks that Conforma trusts. */
export const trustedTasksCommand: Command<TrustedTasksOptions> = {
  name: 'trusted-tasks',
  group: 'sign',
  summary: 'list the Tasks that Conforma is to trust, as ec track bundle does',
  description:
    'Add the digests of bundles.lock to a list of trusted Tasks: the newest of each bundle never expires, earlier ones do. Only bundles with Tasks are listed. Without --to the list is printed.',
  arguments: [
    {
      name: '[bundles...]',
      summary: 'declared bundles, by the digest of the lock; all of them without any',
      complete: 'bundle',
    },
  ],
  options: [
    {
      flags: '--to <place>',
      summary:
        'write the list there: a file, or as an OCI artifact registry/repository:tag or oci:DIRECTORY:tag; a list that is there already is added to',
    },
    {
      flags: '--input <place>',
      summary: 'list to add to, a file or an OCI artifact, instead of the one at --to',
    },
    {
      flags: '--in-effect-days <days>',
      summary: 'how long a digest stays trusted after a newer one came',
      default: 60,
      parse: parseDays,
    },
    { flags: '--no-prune', summary: 'keep entries that have expired' },
    { flags: '--no-keep-old', summary: 'let a tag that moves leave the old list without an anchor' },
    {
      flags: '--rules',
      summary: 'instead of the list, trusted_task_rules that allow the repositories of these bundles',
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
