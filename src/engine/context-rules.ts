import { BundlesError } from '../errors.js';
import { loneByte } from './context-path.js';

/** What an ignore file says, read as docker reads it. */
export interface ContextRules {
  ignores(path: string): boolean;
  /** True where nothing below an ignored directory can be wanted again. */
  readonly deep: boolean;
  /** The rules, with what regular expressions would read otherwise escaped. */
  readonly patterns: readonly string[];
}

/** Beyond it, paths are not named one by one to an engine, which tries each of them on each file. */
const fewPaths = 100;

/** @throws CONTEXT_INVALID for a pattern that is none */
export async function parseContextRules(text: string, file: string): Promise<ContextRules> {
  const patterns = patternsOf(text);
  if (patterns.length === 0) return { ignores: () => false, deep: true, patterns };
  const { default: module } = await import('@balena/dockerignore');
  const rules = module.default({ ignorecase: false }).add([...patterns]);
  try {
    // It compiles all of its patterns at its first question.
    rules.ignores('a');
  } catch (cause) {
    throw new BundlesError(
      'CONTEXT_INVALID',
      `Cannot read the ignore file ${JSON.stringify(file)}: one of its patterns is invalid`,
      { hint: 'Close each "[" by a "]", or escape it: \\[', details: { path: file }, cause },
    );
  }
  return {
    ignores: (path) => rules.ignores(path),
    deep: !patterns.some((pattern) => pattern.startsWith('!')),
    patterns,
  };
}

function patternsOf(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => escapeSigns(line.trim()));
}

/** Engines hand these to a regular expression as they are; none of them has a meaning in a pattern. */
function escapeSigns(pattern: string): string {
  return pattern.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[+(){}|^]/g, (part) =>
    part.length === 1 ? `\\${part}` : part,
  );
}

/** What is in a context and what is not: no path of one list lies below another path of it. */
export interface ContextCover {
  /** Paths below which everything is kept; `PATH/` is a directory of which nothing else is. */
  readonly kept: readonly string[];
  /** Paths below which nothing is kept. */
  readonly ignored: readonly string[];
}

/**
 * The rules by which any engine leaves out exactly what is ignored. Engines read patterns in different ways, so paths
 * are named one by one; where that would be many, a pattern that all read alike stands for those that it matches, with
 * an exception for each path that is kept nevertheless.
 */
export function engineRules({ patterns }: ContextRules, { kept, ignored }: ContextCover): string[] {
  const rules: string[] = [];
  let rest = ignored;
  for (const pattern of patterns) {
    if (rest.length <= fewPaths) break;
    const compiled = compilePlain(pattern);
    if (compiled === undefined) continue;
    // For most engines no pattern matches a line feed.
    const others = rest.filter((path) => path.includes('\n') || !compiled.matches(path));
    const exceptions = kept.filter(compiled.matches);
    if (exceptions.length >= rest.length - others.length || exceptions.some(hasMeaning)) continue;
    rules.push(compiled.rule, ...exceptions.map((path) => `!${path}`));
    rest = others;
  }
  return [...rest.map(literalRule), ...rules];
}

/** A rule that means one path; what no line can hold is any sign. */
export function literalRule(path: string): string {
  let rule = '';
  for (const sign of path) {
    if (/[\n\r]/.test(sign) || loneByte.test(sign)) rule += '?';
    else rule += /[*?[\]\\+(){}|^]/.test(sign) ? `\\${sign}` : sign;
  }
  return rule.replace(/^[!#]|^\s|\s$/g, '[$&]');
}

/** `PATH/` is a directory that is kept without anything in it. */
const hasMeaning = (path: string) => path.endsWith('/') || literalRule(path) !== path;

interface PlainPattern {
  readonly rule: string;
  /** True for a path that it matches, and for all below that. */
  readonly matches: (path: string) => boolean;
}

/**
 * A pattern of which no engine has a reading of its own: no exception; `**` as a whole component; only simple classes.
 */
function compilePlain(pattern: string): PlainPattern | undefined {
  const rule = pattern.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
  const isPlain =
    /^(?:[^\\![\]*?]|\*|\?|\\[+(){}|^]|\[\^?(?:[A-Za-z0-9_](?:-[A-Za-z0-9])?)+\])+$/.test(rule) &&
    rule
      .split('/')
      .every((part) => part !== '' && !/^\.{1,2}$/.test(part) && (part === '**' || !part.includes('**')));
  if (!isPlain || rule.startsWith('#')) return undefined;
  const source = rule.replace(/\\.|\[[^\]]*\]|\*\*\/|\*\*|[*?.$]/g, (part) => translated[part] ?? part);
  const expression = new RegExp(`^${source}(?:/.*)?$`, 'su');
  return { rule, matches: (path) => expression.test(path) };
}

const translated: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
  '.': '\\.',
  $: '\\$',
};
