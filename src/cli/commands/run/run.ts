import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import type { RunBundleOptions } from './run-run.js';

/** `bundles run`: the PipelineRun or TaskRun of a bundle. */
export const runCommand: Command<RunBundleOptions, readonly [name: string]> = {
  name: 'run',
  group: 'workflows',
  summary: 'print a PipelineRun or TaskRun that runs a bundle by its digest',
  description:
    'Print a PipelineRun (a TaskRun for a Task) that has the cluster take a pinned bundle by its digest, once a preflight says that it can.',
  arguments: [{ name: '<name>', summary: 'declared bundle', complete: 'bundle' }],
  options: [
    { flags: '-p, --param <name=value>', summary: 'value of a param', repeat: true },
    {
      flags: '-w, --workspace <binding>',
      summary: 'name=N and emptyDir=, claimName=PVC, config=C or secret=S',
      repeat: true,
    },
    { flags: '--object <kind/name>', summary: 'what to run, where the bundle holds several' },
    { flags: '--name <name>', summary: 'name of the run, instead of a generated one' },
    { flags: '-n, --namespace <namespace>', summary: 'namespace of the run' },
    {
      flags: '--service-account <name>',
      summary: 'account that runs the pods and whose pull secrets the resolver uses',
    },
    { flags: '--secret <name>', summary: 'pull secret of the namespace that the resolver uses' },
    {
      flags: '--cache <choice>',
      summary: 'whether the resolver keeps it',
      choices: ['always', 'never', 'auto'],
    },
    {
      flags: '--repository <repository>',
      summary: 'the repository of the bundle as the cluster names it',
      group: 'project',
    },
    { flags: '--no-preflight', summary: 'print it although the cluster would refuse it' },
    ...projectOptions,
  ],
  examples: [
    { words: 'run hello-world --param MESSAGE=hello', does: 'print a run to pipe into kubectl create -f -' },
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
