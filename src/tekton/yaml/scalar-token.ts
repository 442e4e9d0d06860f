import type { YamlNode } from './node.js';

/** The characters of a text that write a scalar or an alias. */
export interface ScalarToken {
  readonly start: number;
  readonly end: number;
  readonly quote: '' | '"' | "'";
}

const properties = /(?:[&!][^\s,[\]{}]*[ \t]+)*/y;

/**
 * The characters of a node that starts at `at`, behind its anchor and its tag; `text` is its value. Undefined for
 * block text and for what is spread over lines.
 */
export function scalarToken(
  whole: string,
  at: number,
  { node, text }: { readonly node: YamlNode; readonly text: string },
): ScalarToken | undefined {
  if (node.type === 'alias') {
    const written = `*${node.name}`;
    return whole.startsWith(written, at) ? { start: at, end: at + written.length, quote: '' } : undefined;
  }
  properties.lastIndex = at;
  const start = at + (properties.exec(whole)?.[0].length ?? 0);
  const first = whole.charAt(start);
  if (first === '"' || first === "'") {
    const inner = first === '"' ? /"(?:[^"\\\n]|\\[^\n])*"/y : /'(?:[^'\n]|'')*'/y;
    inner.lastIndex = start;
    const quoted = inner.exec(whole)?.[0];
    return quoted === undefined ? undefined : { start, end: start + quoted.length, quote: first };
  }
  return text !== '' && whole.startsWith(text, start)
    ? { start, end: start + text.length, quote: '' }
    : undefined;
}
