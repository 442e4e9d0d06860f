import { get } from 'node:http';

/** The status of an answer to a request with this Host header, which fetch() would set itself. */
export function statusUnderName(
  host: string,
  {
    port,
    path = '/v2/',
    headers = {},
  }: { readonly port: number; readonly path?: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers: { ...headers, host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}
