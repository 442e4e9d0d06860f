import { redactUrl } from '../http/redact.js';
import type { Answer } from './answer.js';
import { answerError, readDiagnostics, refusalError } from './answer-error.js';
import { exchange } from './exchange.js';
import { followLocation } from './location.js';
import { subjectOf } from './manifests.js';
import { RegistryError } from './registry-error.js';
import type { Wire } from './wire.js';

/** ECR refuses more. */
const pageSize = 1000;
const maxPages = 100;
const pageLimit = 4 * 1024 * 1024;

/** All tags of the repository, sorted by UTF-8 bytes; none when the registry says that there is no such repository. */
export async function listTags(
  wire: Wire,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const doing = `Cannot list the tags of ${subjectOf(wire)}`;
  const found = new Set<string>();
  let to: string | URL | undefined = `tags/list?n=${pageSize}`;
  for (let page = 0; to !== undefined; page++) {
    if (page === maxPages) throw tooManyPages(doing);
    const answer: TagPage = await exchange(wire, { method: 'GET', to, doing, signal }, (got) =>
      readPage(wire, got, doing),
    );
    for (const tag of answer.tags) found.add(tag);
    to = answer.next;
  }
  return [...found].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

interface TagPage {
  readonly tags: readonly string[];
  readonly next: URL | undefined;
}

async function readPage(wire: Wire, answer: Answer, doing: string): Promise<TagPage> {
  const now = wire.clock.now();
  if (answer.status !== 200) {
    const error = refusalError(answer, await readDiagnostics(answer), { doing, now });
    if (error.reason === 'repository-missing') return { tags: [], next: undefined };
    throw error;
  }
  const tags = tagsOf(await answer.read(pageLimit));
  if (tags === undefined) throw await answerError(answer, { doing, now });
  return { tags, next: nextPage(answer) };
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

/** `Link: <address>; rel="next"`, followed on the same origin only. */
function nextPage({ headers, url }: Answer): URL | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '')?.[1];
  if (link === undefined) return undefined;
  const next = followLocation(link, { url, use: 'upload' });
  if (next.origin === url.origin) return next;
  throw new RegistryError(
    'REGISTRY_UNREACHABLE',
    `Following the next page of ${JSON.stringify(redactUrl(url))}: it leads to ${next.host}, wanted the same registry`,
    { reason: 'redirect-refused', url: redactUrl(url) },
  );
}

function tooManyPages(doing: string): RegistryError {
  return new RegistryError('TOO_LARGE', `${doing}: more than ${maxPages} pages, wanted no more`, {
    reason: 'too-large',
  });
}
