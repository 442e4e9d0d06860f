import { BundlesError } from '../../errors.js';

/**
 * Splits the values of a repeatable option as tkn does: each is a line of CSV, where commas separate and double
 * quotes group.
 * @throws USAGE
 */
export function splitValues(option: string, values: readonly string[] = []): string[] {
  return values.flatMap((value) => splitCsvLine(option, value));
}

/** `key=value` pairs, split at the first `=`, both sides trimmed; the last of equal keys counts. @throws USAGE */
export function parsePairs(option: string, values: readonly string[] = []): Record<string, string> {
  const pairs = splitValues(option, values).map((text): [string, string] => {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(0, at)).trim();
    if (key === '')
      throw invalid(
        option,
        text,
        'wanted key=value',
        'A comma separates pairs; put a value with a comma in double quotes',
      );
    return [key, text.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

function splitCsvLine(option: string, line: string): string[] {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(rest);
    const plain = quoted ? undefined : /^([^",]*)(,|$)/.exec(rest);
    const match = quoted ?? plain;
    if (!match)
      throw invalid(option, line, 'a double quote is in the wrong place', 'Quote a whole value: "a=b,c"');
    fields.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : (match[1] ?? ''));
    if (match[2] === '') return fields;
    rest = rest.slice(match[0].length);
  }
}

function invalid(option: string, text: string, problem: string, hint: string): BundlesError {
  return new BundlesError('USAGE', `Cannot read ${option} ${JSON.stringify(text)}: ${problem}`, { hint });
}
