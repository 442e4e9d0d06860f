import { type Command, Option } from 'commander';
import { addCommonOptions, addProjectOptions, collect } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { RunBundleOptions } from './run-run.js';

/** `bundles run`: the PipelineRun or TaskRun of a bundle. */
export function addRun(program: Command, session: Session): void {
  const command = program
    .command('run')
    .summary('print a PipelineRun or TaskRun that runs a bundle by its digest')
    .description(
      'Print a PipelineRun (a TaskRun for a Task) that has the cluster take a pinned bundle by its digest, once a preflight says that it can.',
    )
    .argument('<name>', 'declared bundle')
    .option('-p, --param <name=value>', 'value of a param; may be repeated', collect)
    .option(
      '-w, --workspace <binding>',
      'name=N and emptyDir=, claimName=PVC, config=C or secret=S; may be repeated',
      collect,
    )
    .option('--object <kind/name>', 'what to run, where the bundle holds several')
    .option('--name <name>', 'name of the run, instead of a generated one')
    .option('-n, --namespace <namespace>', 'namespace of the run')
    .option('--service-account <name>', 'account that runs the pods and whose pull secrets the resolver uses')
    .option('--secret <name>', 'pull secret of the namespace that the resolver uses')
    .addOption(
      new Option('--cache <choice>', 'whether the resolver keeps it').choices(['always', 'never', 'auto']),
    )
    .option('--repository <repository>', 'the repository of the bundle as the cluster names it')
    .option('--no-preflight', 'print it although the cluster would refuse it');
  addCommonOptions(addProjectOptions(command)).action(async (name: string, options: RunBundleOptions) => {
    const { runRun } = await import('./run-run.js');
    await runRun(session, { name, options });
  });
}
