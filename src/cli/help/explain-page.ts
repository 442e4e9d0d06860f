import { type ErrorCode, errorRows } from '../../errors.js';
import { lintRules, type RuleName } from '../../tekton/lint/rules/rules.js';
import { documentUrl } from '../../version.js';
import { errorPage, errorTexts } from './errors/error-families.js';
import { joinParts, wrapText } from './lay-out.js';
import { ruleTexts } from './rule-texts.js';

/** What `explain CODE` prints of an error. */
export interface ErrorExplanation {
  readonly code: ErrorCode;
  readonly exit: number;
  readonly means: string;
  readonly example: string;
  readonly remedy: string;
  readonly url: string;
}

/** What `lint --explain RULE` prints of a rule. */
export interface RuleExplanation {
  readonly rule: RuleName;
  readonly severity: string;
  readonly means: string;
  readonly example: string;
  readonly instead: string;
  readonly url: string;
}

export function explainCode(code: ErrorCode): ErrorExplanation {
  const { means, example, remedy } = errorTexts[code];
  return {
    code,
    exit: errorRows[code].exit,
    means: plainText(means),
    example: `error[${code}]: ${example}`,
    remedy: plainText(remedy),
    url: documentUrl(errorPage(code), code.toLowerCase()),
  };
}

export function explainRule(rule: RuleName): RuleExplanation {
  const { example, instead } = ruleTexts[rule];
  return {
    rule,
    severity: severityOf(rule),
    means: lintRules[rule].summary,
    example: plainText(example),
    instead: plainText(instead),
    url: documentUrl(`reference/lint-${lintRules[rule].severity}s`),
  };
}

export function showCode(
  { code, exit, means, example, remedy, url }: ErrorExplanation,
  width: number,
): string {
  return joinParts([
    [`${code} (exit status ${exit})`],
    wrapText(means, width),
    ['For example:', ...indented(example, width)],
    ['What to do:', ...indented(remedy, width)],
    [url],
  ]);
}

export function showRule(explanation: RuleExplanation, width: number): string {
  const { rule, severity, means, example, instead, url } = explanation;
  return joinParts([
    [`${rule} (${severity})`],
    wrapText(means, width),
    ['For example:', ...indented(example, width)],
    ['Instead:', ...indented(instead, width)],
    [url],
  ]);
}

function indented(text: string, width: number): string[] {
  return wrapText(text, width - 2).map((line) => `  ${line}`);
}

/** Markdown as a terminal shows it: code without its marks, links, which are relative to docs/, with their address. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, text: string, target: string) => {
      if (/^[a-z]+:/.test(target)) return `${text} (${target})`;
      const [page = '', anchor] = target.split('#');
      return `${text} (${documentUrl(page.replace(/\.md$/, ''), anchor)})`;
    })
    .replace(/`([^`]*)`/g, '$1')
    .replace(/\*([^*]+)\*/g, '$1');
}

/** `error, always`, `warning, off`. */
export function severityOf(name: RuleName): string {
  const rule = lintRules[name];
  return `${rule.severity}${'fatal' in rule ? ', always' : 'off' in rule ? ', off' : ''}`;
}
