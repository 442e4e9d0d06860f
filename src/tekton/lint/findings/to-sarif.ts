import { version } from '../../../version.js';
import { type LintRule, lintRules, type RuleName } from '../rules/rules.js';
import type { Finding } from './finding.js';

const ruleNames = Object.keys(lintRules) as RuleName[];

/**
 * Writes findings as a SARIF 2.1.0 log, the form that code scanning takes. Paths become URIs relative to the working directory.
 *
 * @example
 * ```ts
 * import { lintSources, toSarif } from 'tekton-bundles/lint';
 *
 * const bytes = new TextEncoder().encode('apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: build}\nspec: {}\n');
 * const { findings } = lintSources([{ path: 'task.yaml', bytes }]);
 * const log = JSON.parse(JSON.stringify(toSarif(findings)));
 * console.log(log.version, log.runs[0].results[0].ruleId); // 2.1.0 no-missing-steps
 * ```
 */
export function toSarif(findings: readonly Finding[]): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tekton-bundles', version, rules: ruleNames.map(describeRule) } },
        columnKind: 'unicodeCodePoints',
        results: findings.map(toResult),
      },
    ],
  };
}

function describeRule(name: RuleName): object {
  const { severity, summary, off }: LintRule = lintRules[name];
  return {
    id: name,
    shortDescription: { text: summary },
    defaultConfiguration: { level: off ? 'none' : severity },
  };
}

function toResult({
  rule,
  severity,
  message,
  hint,
  file,
  line,
  column,
  endLine,
  endColumn,
}: Finding): object {
  return {
    ruleId: rule,
    ruleIndex: ruleNames.indexOf(rule),
    level: severity,
    message: { text: hint === null ? message : `${message}. ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: toUri(file) },
          region: { startLine: line, startColumn: column, endLine, endColumn },
        },
      },
    ],
  };
}

/** Standard input has no path. */
function toUri(file: string): string {
  if (file === '-') return 'stdin';
  const path = file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  return path.split('/').map(encodeURIComponent).join('/');
}
