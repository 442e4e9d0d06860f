import { isTooManyCollections } from '../yaml/build-value.js';
import { DEEPEST_NESTING } from '../yaml/parser.js';

/** Where the JSON value that starts at `start` ends; undefined when there is no valid one, or one beyond our limits. */
export function readJsonValue(text: string, start: number): number | undefined {
  const first = text.charAt(start);
  const end = first === '{' || first === '[' ? closingBracket(text, start) : scalarEnd(text, start);
  if (end === undefined) return undefined;
  try {
    JSON.parse(text.slice(start, end));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  return end;
}

/** True where a JSON value opens more collections inside each other than we read; the text need not be valid. */
export function isTooDeep(text: string, start: number): boolean {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) at = (stringEnd(text, at) ?? text.length) - 1;
    else if (code === 123 || code === 91) depth++;
    else if (code === 125 || code === 93) depth--;
    if (depth > DEEPEST_NESTING) return true;
    if (depth === 0) return false;
  }
  return false;
}

function closingBracket(text: string, start: number): number | undefined {
  let depth = 0;
  let opened = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      const end = stringEnd(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (code === 123 || code === 91) {
      if (++depth > DEEPEST_NESTING || isTooManyCollections(++opened, at - start)) return undefined;
    } else if (code === 125 || code === 93) {
      if (--depth === 0) return at + 1;
    }
  }
  return undefined;
}

function stringEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return at + 1;
    if (code === 92) at++;
  }
  return undefined;
}

const scalar = /(?:null|true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)/y;

function scalarEnd(text: string, start: number): number | undefined {
  if (text.charAt(start) === '"') return stringEnd(text, start);
  scalar.lastIndex = start;
  return scalar.test(text) ? scalar.lastIndex : undefined;
}
