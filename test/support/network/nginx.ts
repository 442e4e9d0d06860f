import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnServer } from '../program/spawn-server.js';
import { tempDir } from '../temp-dir.js';
import type { PrivateAuthority } from './certificates.js';
import { freePort } from './free-port.js';

export interface Nginx extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Requests so far: protocol and status, by the number of their connection. */
  connections(): ReadonlyMap<string, readonly string[]>;
  /** What was asked and answered so far. */
  answers(): readonly { readonly path: string; readonly status: number }[];
  /** Forgets the requests so far. */
  forget(): void;
}

export interface NginxOptions {
  readonly program: string;
  /** `127.0.0.1:PORT`, by plain http. */
  readonly upstream: string;
  readonly authority: PrivateAuthority;
  /** Directives of its server, e.g. `keepalive_requests 40;`. */
  readonly server: string;
  /** Directives for all servers, e.g. zones of limits. */
  readonly http?: string;
  /** Default: any free one. */
  readonly port?: number;
}

/** The proxy that is in front of many registries, with TLS and HTTP/2. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { program, upstream, authority, http = '', port = await freePort() } = options;
  const directory = tempDir('nginx-');
  const path = (name: string) => join(directory.path, name);
  writeFileSync(path('cert.pem'), authority.cert);
  writeFileSync(path('key.pem'), authority.key);
  writeFileSync(path('access.log'), '');
  writeFileSync(
    path('nginx.conf'),
    `daemon off; master_process off; pid nginx.pid; error_log stderr;
    events { worker_connections 512; }
    http {
      log_format lines '$connection $server_protocol $status $request_uri';
      access_log access.log lines;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`).join(' ')}
      client_max_body_size 0;
      ${http}
      server {
        listen 127.0.0.1:${port} ssl http2;
        ssl_certificate cert.pem; ssl_certificate_key key.pem;
        ${options.server}
        location / {
          proxy_pass http://${upstream};
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-Proto https;
        }
      }
    }`,
  );
  const lines = () =>
    readFileSync(path('access.log'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [connection = '', protocol = '', status = '', uri = ''] = line.split(' ');
        return connection === '' ? [] : [{ connection, protocol, status, uri }];
      });
  const server = await spawnServer(program, ['-p', directory.path, '-c', 'nginx.conf', '-e', 'stderr'], port);
  return {
    host: `127.0.0.1:${port}`,
    connections() {
      const found = new Map<string, string[]>();
      for (const { connection, protocol, status } of lines()) {
        found.set(connection, [...(found.get(connection) ?? []), `${protocol} ${status}`]);
      }
      return found;
    },
    answers: () => lines().map(({ uri, status }) => ({ path: uri, status: Number(status) })),
    forget: () => writeFileSync(path('access.log'), ''),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await directory[Symbol.asyncDispose]();
    },
  };
}
