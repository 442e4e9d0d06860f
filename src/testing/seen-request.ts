/** What a faulty registry keeps of a request: enough to say what crossed which origin, and no secret. */
export interface SeenRequest {
  /** `elsewhere` is its second origin (token service, storage), `stranger` any other that it was asked at. */
  readonly server: Server;
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  /** Names of all headers, in lower case. */
  readonly headers: readonly string[];
  /** The scheme of the Authorization header, never its value; undefined where there was none. */
  readonly authorization: string | undefined;
}

export type Server = 'registry' | 'elsewhere' | 'stranger';

export function seeRequest({ method, url, headers }: Request, server: Server): SeenRequest {
  const { origin, pathname, search } = new URL(url);
  return {
    server,
    method,
    origin,
    path: pathname,
    query: search,
    headers: [...headers.keys()],
    authorization: headers.get('authorization')?.split(' ', 1)[0],
  };
}
