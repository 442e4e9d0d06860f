/** A refusal on its way to the client: thrown anywhere below the handler, answered as a problem document. */
export class ProblemError extends Error {
  readonly status: number;
  readonly slug: string;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  /** `slug` ends the problem's `type`; `detail` is for people. */
  constructor(
    status: number,
    slug: string,
    title: string,
    detail: string,
    { headers = {}, members = {}, cause }: ProblemOptions = {},
  ) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'ProblemError';
    this.status = status;
    this.slug = slug;
    this.title = title;
    this.headers = headers;
    this.members = members;
  }
}

export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside type, title, status and detail. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Stays here. */
  readonly cause?: unknown;
}

export function toResponse({ status, slug, title, message, headers, members }: ProblemError): Response {
  const type = `https://kubernaut.ai/problems/${slug}`;
  const body = JSON.stringify({ type, title, status, detail: message, ...members });
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json', ...headers } });
}

export function badRequest(detail: string): ProblemError {
  return new ProblemError(400, 'bad-request', 'Bad Request', detail);
}

export function validationProblem(detail: string, cause?: unknown): ProblemError {
  return new ProblemError(400, 'validation-error', 'Validation Error', detail, { cause });
}

export function notFound(workflowId: string): ProblemError {
  return new ProblemError(404, 'not-found', 'Not Found', `Workflow not found: ${workflowId.slice(0, 100)}`);
}

export function databaseAway(cause: unknown): ProblemError {
  return new ProblemError(
    503,
    'service-unavailable',
    'Service Unavailable',
    'The database is away; nothing was written. Try again soon',
    { headers: { 'retry-after': '2' }, cause },
  );
}
