import { posix } from 'node:path';
import { BundlesError } from '../../errors.js';
import { loneByte } from './context-path.js';

/** What an ignore file states, read as docker reads it. */
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

/** What is in a context and what is not. */
export interface ContextCover {
  /** Every path that is kept. */
  readonly paths: readonly string[];
  /** The topmost paths below which everything is kept; `PATH/` is a directory of which nothing else is. */
  readonly kept: ReadonlySet<string>;
  /** The topmost paths below which nothing is kept. */
  readonly ignored: readonly string[];
}

/** Engines try each rule on each file. */
const mostRules = 1_000;

/**
 * Rules that make any engine leave out exactly what is ignored. Engines interpret patterns differently, so paths are
 * listed one by one; if there are many, a pattern that all engines interpret alike replaces those that it matches, with
 * an exception for each path that is kept. Undefined if that takes too many rules, or if no rule separates the name of
 * an ignored file from that of another.
 */
export function engineRules(
  { patterns }: ContextRules,
  { paths, kept, ignored }: ContextCover,
): string[] | undefined {
  const rules: string[] = [];
  let rest = ignored;
  for (const pattern of patterns) {
    if (rest.length <= fewPaths) break;
    const compiled = compilePlain(pattern);
    if (compiled === undefined) continue;
    // For most engines no pattern matches a line feed.
    const others = rest.filter((path) => path.includes('\n') || !compiled.matches(path));
    const exceptions = new Set(paths.filter(compiled.matches).map((path) => coverOf(path, kept)));
    if (exceptions.size >= rest.length - others.length || [...exceptions].some(hasMeaning)) continue;
    rules.push(compiled.rule, ...[...exceptions].map((path) => `!${path}`));
    rest = others;
  }
  if (rest.length + rules.length > mostRules) return undefined;
  if (rest.some((path) => oddSign.test(path) && hasDouble(path, paths))) return undefined;
  return [...rest.map(literalRule), ...rules];
}

function coverOf(path: string, kept: ReadonlySet<string>): string {
  for (let above = path; above !== '.'; above = posix.dirname(above)) {
    if (kept.has(above)) return above;
    if (kept.has(`${above}/`)) return `${above}/`;
  }
  return `${path}/`;
}

/** Engines see bytes that are not UTF-8 as this sign, and cannot be given a line feed. */
const oddSign = /[\uDC80-\uDCFF\uFFFD\n\r]/u;

function hasDouble(ignored: string, paths: readonly string[]): boolean {
  const shown = (path: string) => path.replace(new RegExp(oddSign, 'gu'), '?');
  const wanted = shown(ignored);
  return paths.some((path) => oddSign.test(path) && shown(path) === wanted);
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
 * A pattern that all engines interpret alike: not an exception; `**` only as a whole component; only simple classes.
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
