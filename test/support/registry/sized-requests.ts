/** Requests by what their body is, and the content-length that each must carry. */
export function sizedRequests(
  bytes: number,
): readonly [name: string, request: (url: string) => Request, length: string | undefined][] {
  return [
    ['bytes', (url) => new Request(url, { method: 'PUT', body: new Uint8Array(bytes) }), String(bytes)],
    ['text', (url) => new Request(url, { method: 'POST', body: 'abc' }), '3'],
    ['empty bytes', (url) => new Request(url, { method: 'PUT', body: new Uint8Array(0) }), '0'],
    ['no body on POST', (url) => new Request(url, { method: 'POST' }), '0'],
    ['no body on DELETE', (url) => new Request(url, { method: 'DELETE' }), undefined],
  ];
}
