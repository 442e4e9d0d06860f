import { errorCodes, errorRows } from '../../errors.js';
import type { RuleName } from '../../tekton/lint/rules/rules.js';
import { commands } from '../commands.js';
import { errorTexts } from './error-texts.js';
import { severityOf } from './explain-page.js';
import { wrapText } from './lay-out.js';
import { optionsPage } from './options-page.js';
import { ruleTexts } from './rule-texts.js';

/** The width of the pages in docs/. */
const pageWidth = 120;

const errorsHead = `# Errors

<!-- Written by npm run reference from src/errors.ts and src/cli/help/*-error-texts.ts. -->

An error is shown as

\`\`\`
error[CODE]: what we were doing, "subject": what was found, what was wanted
hint: what to do next
\`\`\`

and is part of the JSON result as \`error: {code, message, hint, details}\`, of the run or of the bundle. Codes and exit
statuses are stable; texts are not. A stack is printed for \`UNEXPECTED\` only, and never a secret.
\`npx tekton-bundles explain CODE\` prints what this page says of a code.
`;

/** docs/errors.md. */
export function errorsPage(): string {
  const parts = errorCodes.map((code) => {
    const { section, intro, means, example, remedy } = errorTexts[code];
    return [
      ...(section === undefined ? [] : [`## ${section}`]),
      ...(intro === undefined ? [] : [paragraph(intro)]),
      `### ${code}`,
      paragraph(`Exit status ${errorRows[code].exit}. ${means}`),
      `\`\`\`\nerror[${code}]: ${example}\n\`\`\``,
      paragraph(`*What to do:* ${remedy}`),
    ].join('\n\n');
  });
  return `${errorsHead}\n${parts.join('\n\n')}\n`;
}

const ruleHead = '| rule | severity | | example | instead |\n|---|---|---|---|---|\n';

/** docs/lint.md with the table of rules as it is in the program. */
export function lintPage(page: string): string {
  const at = page.indexOf(ruleHead);
  const end = page.indexOf('\n\n', at);
  if (at < 0 || end < 0) throw new Error('docs/lint.md has no table of rules');
  const rows = (Object.keys(ruleTexts) as RuleName[]).map((name) => {
    const { tekton = '', example, instead } = ruleTexts[name];
    return `| \`${name}\` | ${severityOf(name)} |${tekton === '' ? '' : ` ${tekton}`} | ${example} | ${instead} |`;
  });
  return page.slice(0, at) + ruleHead + rows.join('\n') + page.slice(end);
}

function paragraph(text: string): string {
  return wrapText(text, pageWidth).join('\n');
}

/** The pages that `npm run reference` writes, each from what it was. */
export const referencePages: Readonly<Record<string, (before: string) => string>> = {
  'docs/errors.md': errorsPage,
  'docs/lint.md': lintPage,
  'docs/options.md': () => optionsPage(commands, { width: pageWidth }),
};
