import { BundlesError } from '../../errors.js';

/**
 * Words as a shell splits them: blanks and line breaks part them, quotes and backslashes keep them together. Nothing is
 * expanded: no variable, no glob, no command.
 * @throws USAGE for a quote that does not end
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === "'" || sign === '"') {
      const { part, end } = quoted(text, at);
      word = (word ?? '') + part;
      at = end;
    } else if (sign === '\\' && at + 1 < text.length) {
      at++;
      // A backslash at the end of a line joins the lines.
      if (text[at] !== '\n') word = (word ?? '') + text[at];
    } else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + sign;
    }
  }
  return word === undefined ? words : [...words, word];
}

function quoted(text: string, start: number): { part: string; end: number } {
  const quote = text[start];
  let part = '';
  for (let at = start + 1; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === quote) return { part, end: at };
    const escapes = quote === '"' && sign === '\\' && /["\\$`\n]/.test(text[at + 1] ?? '');
    if (!escapes) part += sign;
    else if (text[++at] !== '\n') part += text[at];
  }
  throw new BundlesError('USAGE', `Cannot read the input "args": the quote ${quote} has no end`, {
    hint: 'Close it, or write a backslash in front of it',
  });
}
