import { nextPage } from '../http/location.js';
import { answerError } from './connection/answer-error.js';
import { type RegistryConnection, sendRequest, toRegistryError } from './connection/connection.js';
import { subjectOf } from './manifests.js';
import { RegistryError } from './registry-error.js';

/** ECR refuses more. */
const pageSize = 1000;
const maxPages = 100;
const pageLimit = 4 * 1024 * 1024;

/** All tags of the repository, sorted by UTF-8 bytes; none if the registry reports that the repository does not exist. */
export async function listTags(
  connection: RegistryConnection,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const doing = `Cannot list the tags of ${subjectOf(connection)}`;
  const found = new Set<string>();
  let to: string | URL | undefined = `tags/list?n=${pageSize}`;
  for (let page = 0; to !== undefined; page++) {
    if (page === maxPages) throw tooMuch(doing, `more than ${maxPages} pages`);
    const request = { method: 'GET', to, doing, limit: pageLimit, signal } as const;
    const { next, tags }: TagPage = await readPage(connection, request);
    for (const tag of tags) found.add(tag);
    to = next;
  }
  return [...found].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

interface TagPage {
  readonly tags: readonly string[];
  readonly next: URL | undefined;
}

async function readPage(
  connection: RegistryConnection,
  request: Parameters<typeof sendRequest>[1],
): Promise<TagPage> {
  const { doing } = request;
  const answer = await sendRequest(connection, request);
  const { status, body, complete, headers, url, method } = answer;
  if (status !== 200) {
    const error = answerError(connection, answer, { doing });
    if (error.reason === 'repository-missing') return { tags: [], next: undefined };
    throw error;
  }
  if (!complete) throw tooMuch(doing, `more than ${pageLimit} bytes in one page`);
  const tags = tagsOf(body);
  if (tags === undefined) throw answerError(connection, answer, { doing });
  try {
    return { tags, next: nextPage(headers.link, url) };
  } catch (error) {
    throw toRegistryError(error, { doing, method, url });
  }
}

/** `tags` may be null in an empty repository. */
function tagsOf(body: Uint8Array): string[] | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof value !== 'object' || value === null || !('tags' in value)) return undefined;
    if (value.tags === null) return [];
    if (!Array.isArray(value.tags)) return undefined;
    return value.tags.every((tag): tag is string => typeof tag === 'string') ? value.tags : undefined;
  } catch {
    return undefined;
  }
}

function tooMuch(doing: string, found: string): RegistryError {
  return new RegistryError('TOO_LARGE', `${doing}: ${found}, wanted no more`, { reason: 'too-large' });
}
