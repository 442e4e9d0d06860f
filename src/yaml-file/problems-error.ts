import { BundlesError } from '../errors.js';
import type { Problem } from './config-node.js';
import type { YamlFileKind } from './parse-yaml-file.js';
import { showText } from './show-text.js';
import { createYamlLocator, type YamlPath } from './yaml-position.js';

/** One problem as `details.problems` of the error lists it; line and column count from 1. */
export interface PlacedProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | null;
}

/** The error for everything that is wrong in a file: the first problem in the message, all in `details.problems`. */
export function problemsError(problems: readonly Problem[], text: string, kind: YamlFileKind): BundlesError {
  const locate = createYamlLocator(text);
  const place = (problem: Problem): PlacedProblem => placeProblem(problem, locate(problem.path, problem.at));
  const inOrder = (some: readonly Problem[]): PlacedProblem[] =>
    some.map(place).sort((left, right) => left.line - right.line || left.column - right.column);
  // What is missing is often there under a wrong name, which the other problems tell better.
  const present = problems.filter(({ at }) => at !== 'absent');
  const placed = [...inOrder(present), ...inOrder(problems.filter(({ at }) => at === 'absent'))];
  const [first] = placed;
  const more = placed.length > 1 ? ` (and ${placed.length - 1} more)` : '';
  const where = `${kind.file}:${first?.line}:${first?.column}`;
  const subject = first?.path === '' ? '' : `${first?.path} `;
  return new BundlesError(
    kind.invalid,
    `Cannot read the ${kind.what}, ${showText(where)}: ${subject}${first?.message}${more}`,
    {
      ...(first?.hint ? { hint: first.hint } : {}),
      details: {
        file: kind.file,
        line: first?.line,
        column: first?.column,
        path: first?.path,
        problems: placed,
      },
    },
  );
}

/** A path as a person reads it: `bundles.hello-world.files[0]`. */
export function showPath(path: YamlPath): string {
  let shown = '';
  for (const step of path) {
    if (typeof step === 'number') shown += `[${step}]`;
    else if (/^[A-Za-z0-9_-]{1,64}$/.test(step)) shown += shown === '' ? step : `.${step}`;
    else shown += `[${showText(step)}]`;
  }
  return shown;
}

function placeProblem(
  problem: Problem,
  { line, column, source }: { line: number; column: number; source: string | undefined },
): PlacedProblem {
  const quote =
    problem.unquoted && source !== undefined ? `Write it in quotes: ${showText(source)}` : undefined;
  return {
    path: showPath(problem.path),
    line,
    column,
    message: problem.message,
    hint: problem.hint ?? quote ?? null,
  };
}
