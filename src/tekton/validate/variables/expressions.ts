/** Everything of the form `$(a.b.c)` in a text, without `$(` and `)`. */
export function expressionsIn(text: string): string[] {
  if (!text.includes('$(')) return [];
  return (text.match(expression) ?? []).map((found) => found.slice(2, -1));
}

const expression = /\$\([_a-zA-Z0-9.-]+(?:\[(?:[0-9]+|\*)\])?\)/g;

/** `tasks.NAME.results.…` or `finally.NAME.results.…`. */
export function looksLikeResult(text: string): boolean {
  const parts = text.split('.');
  return parts.length >= 4 && (parts[0] === 'tasks' || parts[0] === 'finally') && parts[2] === 'results';
}

/** The use of a task's result. */
export interface ResultReference {
  readonly task: string;
  readonly result: string;
}

/** Undefined where an expression is none, or goes on too far: `tasks.a.results.b.c.d`. */
export function parseResult(text: string): ResultReference | undefined {
  if (!looksLikeResult(text)) return undefined;
  const [, task = '', , result = '', ...more] = text.split('.');
  if (more.length > 1) return undefined;
  return { task, result: more.length === 0 ? result.replace(/\[(?:[0-9])*\*?\]/g, '') : result };
}

export function resultsIn(expressions: readonly string[]): ResultReference[] {
  return expressions.map(parseResult).filter((found) => found !== undefined);
}

/** The first `$(steps.STEP.results.RESULT)` in a text, all on one line. */
export function findStepResult(text: string): { readonly step: string; readonly result: string } | undefined {
  if (!text.includes('$(steps.')) return undefined;
  for (const line of text.split('\n')) {
    // What an earlier start does not find, no later one on the same line finds.
    const start = line.indexOf('$(steps.') + '$(steps.'.length;
    if (start < '$(steps.'.length) continue;
    const middle = line.indexOf('.results.', start);
    const result = middle + '.results.'.length;
    const end = middle < 0 ? -1 : line.indexOf(')', result);
    if (end >= 0) return { step: line.slice(start, middle), result: line.slice(result, end) };
  }
  return undefined;
}
