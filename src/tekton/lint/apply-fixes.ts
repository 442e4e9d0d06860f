import type { Finding, Fix, Position } from './finding.js';

export interface FixedSource {
  readonly bytes: Uint8Array;
  /** How many fixes were applied; of two that overlap, the first. */
  readonly applied: number;
}

/** The file with the fixes of its findings applied, everything else byte for byte as it was. */
export function applyFixes(bytes: Uint8Array, findings: readonly Finding[]): FixedSource {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const offsetOf = offsets(text);
  const fixes = findings.flatMap(({ fix }) => (fix === null ? [] : [place(fix, offsetOf)]));
  fixes.sort((left, right) => left.start - right.start);
  let fixed = '';
  let at = 0;
  let applied = 0;
  for (const { start, end, text: replacement } of fixes) {
    if (start < at || end < start) continue;
    fixed += text.slice(at, start) + replacement;
    at = end;
    applied++;
  }
  return { bytes: new TextEncoder().encode(fixed + text.slice(at)), applied };
}

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function place({ start, end, text }: Fix, offsetOf: (position: Position) => number): Replacement {
  return { start: offsetOf(start), end: offsetOf(end), text };
}

/** Lines end where YAML's do; a byte order mark at the start is no column. */
function offsets(text: string): (position: Position) => number {
  const starts = [text.startsWith('\ufeff') ? 1 : 0];
  for (const match of text.matchAll(/\r\n|[\n\r\x85\u2028\u2029]/g))
    starts.push(match.index + match[0].length);
  return ({ line, column }) => {
    const start = starts[line - 1] ?? text.length;
    const characters = [...text.slice(start, starts[line] ?? text.length)];
    return start + characters.slice(0, column - 1).join('').length;
  };
}
