import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tokenSigner } from '../network/certificates.js';

export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  /** What a registry trusts, in PEM. */
  readonly certificate: string;
  readonly issuer: string;
  readonly service: string;
  /** Requests for a token, with what they asked and were given. */
  readonly seen: {
    readonly user: string | undefined;
    readonly asked: readonly string[];
    readonly granted: number;
  }[];
}

export interface TokenServerOptions {
  readonly user: string;
  readonly password: string;
  /** Seconds a token lives. Default 300. */
  readonly lifetime?: number;
}

/**
 * A token service as the distribution specification describes it: RS256 JWTs with the certificate in `x5c`. Its user
 * may do everything, strangers may pull from `public/`.
 */
export async function startTokenServer({
  user,
  password,
  lifetime = 300,
}: TokenServerOptions): Promise<TokenServer> {
  const { key, cert: certificate } = tokenSigner();
  const [issuer, service] = ['test issuer', 'test registry'];
  const seen: TokenServer['seen'] = [];
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const x5c = [new X509Certificate(certificate).raw.toString('base64')];
  const token = (subject: string, access: readonly object[]) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: subject,
      aud: service,
      jti: randomUUID(),
      iat: now,
      nbf: now - 10,
      access,
    };
    const text = `${encode({ typ: 'JWT', alg: 'RS256', x5c })}.${encode({ ...claims, exp: now + lifetime })}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), createPrivateKey(key)).toString('base64url')}`;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://token.test');
    const header = request.headers.authorization;
    const known = header === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const asked = url.searchParams.getAll('scope');
    const access = asked.flatMap((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':');
      const allowed = actions
        .split(',')
        .filter((action) => known || (action === 'pull' && name.startsWith('public/')));
      return allowed.length > 0 ? [{ type, name, actions: allowed }] : [];
    });
    const refused = (header !== undefined && !known) || url.searchParams.get('service') !== service;
    seen.push({
      user: header === undefined ? undefined : known ? user : 'wrong',
      asked,
      granted: access.length,
    });
    response.writeHead(refused ? 401 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        refused
          ? { errors: [{ code: 'UNAUTHORIZED', message: 'wrong user or service' }] }
          : { token: token(known ? user : '', access), expires_in: lifetime },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    certificate,
    issuer,
    service,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
