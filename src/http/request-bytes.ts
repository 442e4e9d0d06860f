/**
 * A request whose body is these bytes, with its content-length set. It is an ordinary Request for every Fetch; the
 * transport of this room finds the bytes again and writes them without reading a stream.
 */
export function requestWithBytes(url: string | URL, init: RequestInit, bytes: Uint8Array): Request {
  const request = new Request(url, { ...init, body: bytes as Uint8Array<ArrayBuffer> });
  request.headers.set('content-length', String(bytes.byteLength));
  known.set(request, bytes);
  return request;
}

/** The bytes a request was made with, while nobody has read its body. */
export function bytesOf(request: Request): Uint8Array | undefined {
  return request.bodyUsed ? undefined : known.get(request);
}

const known = new WeakMap<Request, Uint8Array>();
