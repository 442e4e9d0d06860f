import { type ErrorCode, errorRows } from '../../errors.js';
import { lintRules, type RuleName, type Severity } from '../../tekton/lint/rules/rules.js';
import { commands } from '../commands.js';
import { commandFile, fillCommandPage, fillOptionsPage, withPart } from './command-reference.js';
import { configurationTable } from './configuration-tables.js';
import { errorPages, relativeLinks } from './error-pages.js';
import { errorFamilies } from './errors/error-families.js';
import { severityOf } from './explain-page.js';
import { ruleTexts } from './rule-texts.js';
import { exitStatuses } from './topics.js';

/** docs/reference/lint-errors.md and lint-warnings.md: the rules of one severity. */
function rulesPage(page: string, severity: Severity): string {
  const names = (Object.keys(ruleTexts) as RuleName[]).filter(
    (name) => lintRules[name].severity === severity,
  );
  const rows = names.map((name) => {
    const { tekton = '', example, instead } = ruleTexts[name];
    const mark = / .*/.exec(severityOf(name))?.[0].trim();
    const cells = [
      `\`${name}\`${mark === undefined ? '' : ` (*${mark}*)`}`,
      ...(severity === 'error' ? [tekton] : []),
      lintRules[name].summary,
      ...[example, instead].map((text) => relativeLinks(text, 'reference')),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head =
    severity === 'error'
      ? ['| rule | Tekton | finds | example | instead |', '|---|---|---|---|---|']
      : ['| rule | finds | example | instead |', '|---|---|---|---|'];
  return withPart(page, `${severity}s`, [...head, ...rows].join('\n'));
}

/** docs/reference/exit-codes.md: the statuses, and the errors that lead to each. */
function exitCodesPage(page: string): string {
  const rows = exitStatuses.map(([status, meaning]) => {
    const families = errorFamilies.filter(({ errors }) =>
      Object.keys(errors).some((code) => errorRows[code as ErrorCode].exit === status),
    );
    const links = families.map(({ page, title }) => `[${title}](errors/${page}.md)`);
    return `| ${status} | ${meaning} | ${links.join(', ')} |`;
  });
  return withPart(
    page,
    'exit statuses',
    ['| status | meaning | errors |', '|---|---|---|', ...rows].join('\n'),
  );
}

/** The tables of a page about bundles.yaml: the part of the page, and the definition of the JSON Schema (none: the file). */
const configurationParts: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  configuration: { 'keys of the file': undefined, 'keys of a bundle': 'bundle' },
  sources: { 'keys of an entry': 'discover' },
  registries: { 'keys of a registry': 'registry' },
  'service-images': { 'keys of an image': 'image' },
  workflows: { 'keys of a workflow': 'workflow', labels: 'flatLabels', 'keys of a parameter': 'parameter' },
  'remediation-workflows': { 'parts of a description': 'descriptionParts', labels: 'remediationLabels' },
  'separate-workflows': { keys: 'declaredWorkflow' },
};

const configurationPages = Object.fromEntries(
  Object.entries(configurationParts).map(([page, parts]) => [
    `docs/reference/${page}.md`,
    (before: string) =>
      Object.entries(parts).reduce(
        (text, [name, definition]) => withPart(text, name, configurationTable(definition)),
        before,
      ),
  ]),
);

/** The pages that `npm run reference` writes, each from what it was. */
export const referencePages: Readonly<Record<string, (before: string) => string>> = {
  ...configurationPages,
  ...errorPages,
  'docs/reference/exit-codes.md': exitCodesPage,
  'docs/reference/lint-errors.md': (before) => rulesPage(before, 'error'),
  'docs/reference/lint-warnings.md': (before) => rulesPage(before, 'warning'),
  'docs/reference/options.md': fillOptionsPage,
  ...Object.fromEntries(
    commands.map((command) => [commandFile(command), (page: string) => fillCommandPage(page, command)]),
  ),
};
