import type { Repository } from './repositories.js';
import { WireError } from './wire-error.js';

/** GET tags/list, with `n` and `last`. */
export async function listTags(
  repository: Repository,
  { query }: { readonly query: URLSearchParams },
): Promise<Response> {
  await repository.requireExisting();
  const all = await repository.store.tags();
  const last = query.get('last');
  const after = last === null ? all : all.filter((tag) => tag > last);
  const size = pageSize(query.get('n'));
  const tags = after.slice(0, size);
  const end = tags.at(-1);
  const headers: Record<string, string> = {};
  if (end !== undefined && tags.length < after.length) {
    headers.link = `</v2/${repository.name}/tags/list?n=${size}&last=${end}>; rel="next"`;
  }
  return Response.json({ name: repository.name, tags }, { headers });
}

function pageSize(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WireError(400, 'PAGINATION_NUMBER_INVALID', 'n is not a number of tags', {
    detail: { n: text.slice(0, 20) },
  });
}
