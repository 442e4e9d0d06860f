import { BundlesError, type ErrorCode } from '../errors.js';
import type { Problem } from './config-node.js';
import { excerpt, linesOf } from './excerpt.js';
import { showText } from './show-text.js';
import { createYamlLocator, type YamlPath, type YamlPosition } from './yaml-position.js';

export interface YamlFileKind {
  /** As the message names it, e.g. `project`. */
  readonly what: string;
  readonly file: string;
  readonly invalid: ErrorCode;
  /** What to do about a conflict that git left in the file. */
  readonly conflictHint: string;
}

/** One problem as `details.problems` of the error lists it; line and column count from 1. */
export interface PlacedProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string | null;
  /** The line and a caret below the place. */
  readonly excerpt: string;
}

/** The error for everything that is wrong in a file: the first problem in the message, all in `details.problems`. */
export function problemsError(problems: readonly Problem[], text: string, kind: YamlFileKind): BundlesError {
  const locate = createYamlLocator(text);
  const lines = linesOf(text);
  const place = (problem: Problem): PlacedProblem =>
    placeProblem(problem, locate(problem.path, problem.at), lines);
  const inOrder = (some: readonly Problem[]): PlacedProblem[] =>
    some.map(place).sort((left, right) => left.line - right.line || left.column - right.column);
  // What is missing is often there under a wrong name, which the other problems report better.
  const present = problems.filter(({ at }) => at !== 'absent');
  return placedError([...inOrder(present), ...inOrder(problems.filter(({ at }) => at === 'absent'))], kind);
}

/** The error for problems in the order in which they are to be reported. */
export function placedError(
  placed: readonly PlacedProblem[],
  { what, file, invalid }: YamlFileKind,
  { rule, cause }: { readonly rule?: string; readonly cause?: unknown } = {},
): BundlesError {
  const [first] = placed;
  const more = placed.length > 1 ? ` (and ${placed.length - 1} more)` : '';
  const where = `${file}:${first?.line}:${first?.column}`;
  const subject = first?.path ? `${first.path} ` : '';
  return new BundlesError(
    invalid,
    `Cannot read the ${what}, ${showText(where)}: ${subject}${first?.message}${more}`,
    {
      ...(first?.hint ? { hint: first.hint } : {}),
      details: {
        file,
        line: first?.line,
        column: first?.column,
        path: first?.path,
        ...(rule && { rule }),
        what,
        problems: placed,
      },
      cause,
    },
  );
}

/** The problems of an error, where it has them. */
export function placedProblems(error: BundlesError): readonly PlacedProblem[] {
  const { problems } = error.details;
  if (!Array.isArray(problems)) return [];
  const isPlaced = (problem: unknown): problem is PlacedProblem =>
    typeof problem === 'object' && problem !== null && 'excerpt' in problem;
  return problems.every(isPlaced) ? problems : [];
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

function placeProblem(problem: Problem, position: YamlPosition, lines: readonly string[]): PlacedProblem {
  const { line, column, length, source } = position;
  const quote =
    problem.unquoted && source !== undefined ? `Write it in quotes: ${showText(source)}` : undefined;
  return {
    path: showPath(problem.path),
    line,
    column,
    message: problem.message,
    hint: problem.hint ?? quote ?? null,
    excerpt: excerpt(lines, { line, column, length }),
  };
}
