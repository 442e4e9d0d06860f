import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import type { RunBundleOptions } from './run-run.js';

/** `bundles run`: the PipelineRun or TaskRun of a bundle. */
export const runCommand: Command<RunBundleOptions, readonly [name: string]> = {
  name: 'run',
  group: 'workflows',
  summary: 'print a PipelineRun or TaskRun that runs a bundle by its digest',
  description:
    'Print a PipelineRun (a TaskRun for a Task) that runs a pinned bundle by its digest, after a preflight that checks whether the cluster can run it.',
  arguments: [{ name: '<name>', summary: 'declared bundle', complete: 'bundle' }],
  options: [
    { flags: '-p, --param <name=value>', summary: 'value of a param', repeat: true },
    {
      flags: '-w, --workspace <binding>',
      summary: 'name=N and emptyDir=, claimName=PVC, config=C or secret=S',
      repeat: true,
    },
    { flags: '--object <kind/name>', summary: 'what to run, if the bundle holds several objects' },
    { flags: '--name <name>', summary: 'name of the run, instead of a generated one' },
    { flags: '-n, --namespace <namespace>', summary: 'namespace of the run' },
    {
      flags: '--service-account <name>',
      summary: 'account that runs the pods and whose pull secrets the resolver uses',
    },
    { flags: '--secret <name>', summary: 'pull secret of the namespace that the resolver uses' },
    {
      flags: '--cache <choice>',
      summary: 'whether the resolver caches it',
      choices: ['always', 'never', 'auto'],
    },
    {
      flags: '--repository <repository>',
      summary: 'the repository of the bundle as the cluster names it',
      group: 'project',
    },
    { flags: '--no-preflight', summary: 'print it even if the cluster would refuse it' },
    ...projectOptions,
  ],
  examples: [
    { words: 'run hello-world --param MESSAGE=hello', does: 'print a run for kubectl create -f -' },
    {
      words: 'run hello-world --namespace ci --service-account builder',
      does: 'run it in a namespace, as an account',
    },
  ],
  async run(session, [name], options) {
    const { runRun } = await import('./run-run.js');
    await runRun(session, { name, options });
  },
};
