import { apiFieldChoices, featureChoices } from '../../../tekton/validate/feature-flags.js';
import type { Command } from '../../command.js';
import { InvalidValue } from '../../options/invalid-value.js';
import type { LintCommandOptions } from './run-lint.js';

/** `bundles lint`: what a cluster would refuse, and traps, with places. No network. */
export const lintCommand: Command<LintCommandOptions> = {
  name: 'lint',
  group: 'job',
  summary: 'check sources for what a cluster would refuse, and for common mistakes',
  description:
    'Check the sources of declared bundles, or files and directories, by the rules of Tekton and additional rules. It makes no network requests.',
  arguments: [
    {
      name: '[what...]',
      complete: 'source',
      summary:
        'names of bundles, or files and directories (with a / or an extension; - is standard input); default: all bundles',
    },
  ],
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml to read',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    {
      flags: '--enable-api-fields <stability>',
      summary: 'fields that the cluster accepts',
      choices: apiFieldChoices,
    },
    {
      flags: '--feature <flag>',
      summary: 'a feature flag that is enabled in the cluster',
      choices: featureChoices,
      repeat: true,
    },
    { flags: '--ignore <rule>', summary: 'do not report this rule', repeat: true },
    {
      flags: '--rule <name=severity>',
      summary: 'set the severity of a rule: off, warning or error',
      repeat: true,
    },
    {
      flags: '--explain <rule>',
      summary: 'explain a rule and what to write instead; nothing is checked',
    },
    { flags: '--fix', summary: 'apply corrections that change nothing else' },
    {
      flags: '--key <file>',
      summary:
        'public key (PEM) that must have signed each Task and Pipeline, as a cluster with a VerificationPolicy requires; if repeated, any of them',
      repeat: true,
    },
    {
      flags: '--tekton-version <version>',
      summary: 'with --key: version of Tekton Pipelines in the cluster, e.g. 1.9',
      usually: '1.14 or later',
    },
    { flags: '--max-warnings <number>', summary: 'fail if there are more warnings', parse: wholeNumber },
  ],
  outputs: ['sarif', 'junit', 'codequality'],
  examples: [
    { words: 'lint', does: 'check the sources of every declared bundle' },
    { words: 'lint pipelines/ --max-warnings 0', does: 'check a directory; any warning is a failure' },
    { words: 'lint --explain unpinned-image', does: 'what a rule means and what to write instead' },
  ],
  async run(session, what, options) {
    if (options.explain !== undefined) {
      const { runExplainRule } = await import('./run-explain-rule.js');
      return runExplainRule(session, { rule: options.explain, output: options.output });
    }
    const { runLint } = await import('./run-lint.js');
    await runLint(session, { what, options });
  },
};

function wholeNumber(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new InvalidValue('a whole number');
}
