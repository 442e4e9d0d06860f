import { ProblemError } from '../problem.js';
import type { ApiContext } from './api-context.js';
import type { BodySchema, FieldProblem, QueryValues } from './request-checker.js';

/** The body as the document wants it. @throws ProblemError 400 */
export function checkBody<T>({ checker, metrics }: ApiContext, schema: BodySchema, body: unknown): T {
  const problems = checker.body(schema, body);
  if (problems.length === 0) return body as T;
  metrics.count('datastorage_validation_failures_total', { field: 'body', reason: schema });
  throw validationError(toFields(problems));
}

/** The query's values, with the defaults of the document. @throws ProblemError 400 */
export function checkQuery(
  { checker, metrics }: ApiContext,
  path: string,
  parameters: URLSearchParams,
): QueryValues {
  const { values, problems } = checker.query(path, parameters);
  if (problems.length === 0) return values;
  metrics.count('datastorage_validation_failures_total', { field: 'query', reason: path });
  throw validationError(toFields(problems));
}

/** Names the first problem, states how many more there are, and lists all by their fields. */
export function validationError(fields: Readonly<Record<string, string>>): ProblemError {
  const [first = ['', 'not valid'], ...others] = Object.entries(fields);
  const more = others.length > 0 ? ` (and ${others.length} more errors)` : '';
  const detail = `request has an error: ${first.join(' ').trim()}${more}`;
  return new ProblemError(400, 'validation-error', 'Validation Error', detail.slice(0, 1000), {
    members: { field_errors: fields },
  });
}

const mostFields = 50;

function toFields(problems: readonly FieldProblem[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    problems.slice(0, mostFields).map(({ field, message }) => [field.slice(0, 200), message.slice(0, 300)]),
  );
}
