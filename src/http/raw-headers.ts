/**
 * The head of an answer as Node gives it: names and values in turn, and by HTTP/2 the status among them. What no
 * Response can hold throws.
 */
export type RawHeaders = readonly string[];

/** All values of a field, joined as Headers joins them; null where there is none. `name` in lower case. */
export function rawValue(raw: RawHeaders, name: string): string | null {
  let found: string | null = null;
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() !== name) continue;
    const value = raw[index + 1] ?? '';
    found = found === null ? value : `${found}, ${value}`;
  }
  return found;
}

/** Headers made beside a Response would be copied into its own. */
export function responseWith(
  raw: RawHeaders,
  body: ReadableStream<Uint8Array> | null,
  init: { readonly status: number; readonly statusText?: string },
): Response {
  const response = new Response(body, init);
  const { headers } = response;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!name.startsWith(':')) headers.append(name, raw[index + 1] ?? '');
  }
  return response;
}
