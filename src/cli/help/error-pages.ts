import { posix } from 'node:path';
import { type ErrorCode, errorRows } from '../../errors.js';
import { errorFamilies } from './errors/error-families.js';
import type { ErrorFamily, ErrorText } from './errors/error-family.js';
import { wrapText } from './lay-out.js';

/** The width of the pages in docs/. */
const pageWidth = 120;

const directory = 'reference/errors';

const indexHead = `# Errors

<!-- Written by npm run reference from src/errors.ts and src/cli/help/errors/. -->

An error is printed on standard error as

\`\`\`text not-run="the form of a message"
error[CODE]: what we were doing, "subject": what was found, what was wanted
hint: what to do next
\`\`\`

and is part of the JSON result as \`error: {code, message, hint, details}\`, of the run or of one bundle. Codes and
[exit statuses](../exit-codes.md) are stable; messages and hints may change in any version. An error never contains a
secret, and a stack is printed for \`UNEXPECTED\` only.

\`npx tekton-bundles explain CODE\` prints what these pages describe for a code, without a network.`;

/** docs/reference/errors/README.md: every code, by family. */
function errorIndex(): string {
  const parts = errorFamilies.flatMap(({ page, title, errors }) => [
    `## [${title}](${page}.md)`,
    [
      '| code | exit status | meaning |',
      '|---|---|---|',
      ...Object.entries(errors).map(
        ([code, text]) =>
          `| [${code}](${page}.md#${code.toLowerCase()}) | ${errorRows[code as ErrorCode].exit} | ${meaning(text)} |`,
      ),
    ].join('\n'),
  ]);
  return `${[indexHead, ...parts].join('\n\n')}\n`;
}

/** The page of one family. */
function familyPage({ title, intro, errors }: ErrorFamily): string {
  const parts = Object.entries(errors).map(([code, { means, example, remedy }]) =>
    [
      `## ${code}`,
      paragraph(`Exit status ${errorRows[code as ErrorCode].exit}. ${means}`),
      `\`\`\`text not-run="a message with this code"\nerror[${code}]: ${example}\n\`\`\``,
      paragraph(`*What to do:* ${remedy}`),
    ].join('\n\n'),
  );
  const head = [
    `# Errors: ${title}`,
    '<!-- Written by npm run reference from src/errors.ts and src/cli/help/errors/. -->',
    paragraph(`${intro} [All errors](${directory}/README.md).`),
  ];
  return `${[...head, ...parts].join('\n\n')}\n`;
}

/** The first sentence of what a code means. */
function meaning({ means }: ErrorText): string {
  return relativeLinks(/^.*?\.(?= [A-Z`]|$)/.exec(means)?.[0] ?? means, directory);
}

function paragraph(text: string): string {
  return wrapText(relativeLinks(text, directory), pageWidth).join('\n');
}

/** The pages of docs/reference/errors/, by their path. */
export const errorPages: Readonly<Record<string, () => string>> = Object.fromEntries([
  [`docs/${directory}/README.md`, errorIndex],
  ...errorFamilies.map((family) => [`docs/${directory}/${family.page}.md`, () => familyPage(family)]),
]);

/** Markdown whose links are relative to docs/, as a page in a directory below it has them. */
export function relativeLinks(markdown: string, directory: string): string {
  return markdown.replace(/\]\((?![a-z]+:|#)([^)\s]+)\)/g, (_, target: string) => {
    const [page = '', anchor] = target.split('#');
    const path = posix.relative(directory, page);
    return `](${path}${anchor === undefined ? '' : `#${anchor}`})`;
  });
}
