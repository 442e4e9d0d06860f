import { isRuleName, lintRules, type RuleName } from './rules/rules.js';

/** The rules that the comments of a file suppress. */
export interface Suppressions {
  /** True where a comment hides the rule at that line. */
  hides(rule: RuleName, line: number): boolean;
  /** Names in comments that are not rules, or rules that nothing hides. */
  readonly wrong: readonly { readonly name: string; readonly line: number; readonly column: number }[];
}

const comment =
  /(?:^|\s)#\s*bundles-lint-(disable|enable|disable-line|disable-next-line)(?=\s|$)[ \t]*([^\n\r]*)/;

/**
 * Reads `# bundles-lint-disable RULE…` (from there on), `-enable`, `-disable-line` and `-disable-next-line`. Rules are
 * separated by blanks or commas; what is behind ` -- ` is the reason.
 */
export function readSuppressions(text: string): Suppressions {
  const ranges: { rule: string; from: number; to: number }[] = [];
  const wrong: { name: string; line: number; column: number }[] = [];
  if (!text.includes('bundles-lint-')) return { hides: () => false, wrong };
  for (const [index, content] of text.split('\n').entries()) {
    const match = comment.exec(content);
    if (match === null) continue;
    const [whole, action, rest = ''] = match;
    const line = index + 1;
    const names = (rest.split(' -- ')[0] ?? '').split(/[\s,]+/).filter((name) => name !== '');
    if (names.length === 0) wrong.push({ name: '', line, column: match.index + whole.indexOf('#') + 1 });
    for (const name of names) {
      if (!isRuleName(name) || 'fatal' in lintRules[name]) {
        wrong.push({
          name,
          line,
          column: [...content.slice(0, content.indexOf(name, match.index))].length + 1,
        });
      } else if (action === 'enable') {
        for (const range of ranges) if (range.rule === name && range.to > line) range.to = line - 1;
      } else {
        const from = action === 'disable-next-line' ? line + 1 : line;
        ranges.push({ rule: name, from, to: action === 'disable' ? Number.POSITIVE_INFINITY : from });
      }
    }
  }
  return {
    hides: (rule, line) =>
      ranges.some((range) => range.rule === rule && range.from <= line && line <= range.to),
    wrong,
  };
}
