/** The parts of a response that reveal the generation of the service. */
export interface AnswerSigns {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  /** The parsed body, or undefined where it is not JSON. */
  readonly json: unknown;
  /** The text of the body, as far as it was read. */
  readonly text: string;
}

/**
 * A hint for a catalog that does not have the API of January 2026; undefined without a sign of that. The API changed
 * without a version in its paths, so only responses reveal it.
 */
export function generationHint(signs: AnswerSigns): string | undefined {
  const found = generationOf(signs);
  return found === undefined ? undefined : `${found}; ${ours}`;
}

const ours = 'this program supports the interface of January 2026';

/** What to do about a catalog that lists its workflows and has no endpoint for the versions of a name; `more` is what its list gives away. */
export function listOnlyHint(more?: string): string {
  const found =
    'The service is a version of 13 February to 23 July 2026: it lists workflows, takes whole RemediationWorkflow documents since March 2026 and has no versions by name. Register with the cluster it belongs to instead, with schemas.format remediation-workflow and catalog: {kubernetes: …}';
  return more === undefined ? `${found}; ${ours}` : `${found}. ${more}`;
}

function generationOf({ method, path, status, contentType, json, text }: AnswerSigns): string | undefined {
  const catalogPath = path.includes('/api/v1/workflows');
  if (status === 401)
    return 'The service requires a bearer token, as versions since 27 January 2026 do: give one in DATASTORAGE_TOKEN or by --catalog-token-file';
  if ((status === 404 || status === 405) && catalogPath && !contentType.includes('problem+json')) {
    if (path.endsWith('/search')) return 'The service has no search, as versions since 13 February 2026';
    if (status === 405 || /page not found/i.test(text) || method === 'POST')
      return 'The service has no workflow catalog, as versions since July 2026: register with catalog: {kubernetes: …}';
  }
  if (status === 400 || status === 422) return generationOfRefusal(text, path);
  return generationOfEntry(json);
}

/** The validator of each generation names the members it misses. */
function generationOfRefusal(text: string, path: string): string | undefined {
  if (/did not pass OpenAPI schema validation/.test(text)) {
    const since = 'The service does not name what it refuses, as versions since 13 May 2026';
    return path.includes('/audit/') ? `${since}, and takes event types of its own only` : since;
  }
  if (path.includes('/audit/')) {
    return /discriminator|event_data.*(?:oneOf|event_type)|workflowexecution/i.test(text)
      ? 'The service requires typed event data, as versions since 24 January 2026 do'
      : undefined;
  }
  if (/registeredBy|"source"|\bsource\b.*(?:required|missing)/i.test(text))
    return 'The service accepts whole RemediationWorkflow documents, as versions since March 2026 do: use schemas.format remediation-workflow and catalog: {kubernetes: …}';
  if (/schemaImage|executionBundle|workflowName|actionType\b/.test(text))
    return 'The service accepts schema images and camelCase keys, as versions since 17 February 2026 do';
  if (/action_type/.test(text))
    return 'The service requires an action type, as versions since 14 February 2026 do';
  if (/environment[\s\S]{0,200}array|array[\s\S]{0,200}environment/i.test(text))
    return 'The service requires environment as a list, as versions since 29 January 2026 do';
  return undefined;
}

/** Entries of later generations have other members. */
function generationOfEntry(json: unknown): string | undefined {
  const entry = firstEntry(json);
  if (entry === undefined) return undefined;
  if ('workflowName' in entry || 'workflowId' in entry)
    return 'The service has camelCase keys, as versions since 17 February 2026';
  if ('action_type' in entry) return 'The service has action types, as versions since 14 February 2026';
  const labels = recordOf(entry.labels);
  if (Array.isArray(labels?.environment))
    return 'The service has environment as a list, as versions since 29 January 2026';
  return undefined;
}

function firstEntry(json: unknown): Record<string, unknown> | undefined {
  const root = recordOf(json);
  const list = root?.workflows ?? root?.versions;
  return Array.isArray(list) ? recordOf(list[0]) : root;
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
