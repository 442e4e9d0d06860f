import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** A compiled pattern of a parameter. */
export interface Pattern {
  /** True where some part of the text matches, as in Go. */
  test(text: string): boolean;
}

/** Means the same to Go and to JavaScript, and no text takes it long: literals, simple classes and their repetition. */
const common =
  /^\^?(?:(?:[A-Za-z0-9_ /:@,=#~<>%-]|\\[.dw+*?()[\]{}^$|/-]|\[\^?(?:[A-Za-z0-9_ /:@,=.+*-]|\\[.dw/-])+\])(?:[+*?]|\{\d{1,3}(?:,(?:\d{1,3})?)?\})?)*\$?$/;

/**
 * A pattern as the readers of schemas, which are written in Go, understand it: RE2, without look-around and back
 * references. What JavaScript takes otherwise, or for long, is left to an implementation of RE2.
 *
 * @throws Error with what is wrong with the pattern
 */
export function compilePattern(pattern: string): Pattern {
  if (pattern.length <= 200 && common.test(pattern)) {
    try {
      return new RegExp(pattern, 'u');
    } catch {
      // RE2 states what is wrong.
    }
  }
  const compiled = loadRe2().compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
}

/** Loaded for patterns that need it: most do not. */
function loadRe2(): typeof RE2JS {
  return (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS;
}
