import type { Fault } from '../fault.js';
import type { Stage } from '../profile.js';

/** An address, or what makes one of the registry's own; `path` is that of the request, with its query. */
export type Place = string | ((stage: Stage, path: string) => string);

/** Addresses that a client must not believe, by what is wrong with them. */
export const hostilePlaces = {
  otherOrigin: (_stage, path) => `https://attacker.example${path}`,
  plainHttp: (_stage, path) => `http://attacker.example${path}`,
  metadata: 'http://169.254.169.254/latest/meta-data/',
  metadataOverTls: 'https://169.254.169.254/latest/meta-data/',
  metadataV6: 'https://[fd00:ec2::254]/latest/meta-data/',
  mappedV6: 'https://[::ffff:169.254.169.254]/',
  decimal: 'https://2852039166/latest/meta-data/',
  loopback: 'https://127.0.0.1:2379/v2/keys',
  unspecified: 'https://0.0.0.0/',
  userinfo: ({ origin }, path) => `${origin.replace('://', '://admin:secret@')}${path}`,
  file: 'file:///etc/passwd',
  missing: '',
} as const satisfies Readonly<Record<string, Place>>;

/** Sends readers to another place by a redirect; default: the same path on the second origin, which has the content. */
export function redirect({
  to = (stage, path) => stage.elsewhere + path,
  status = 307,
}: RedirectOptions = {}): Fault {
  return async (request, next, stage) => {
    if (new URL(request.url).origin === stage.elsewhere) return next(request);
    await request.body?.cancel();
    const location = placeOf(to, request, stage);
    return new Response(null, { status, headers: location === '' ? {} : { location } });
  };
}

/** Where readers are redirected to. */
export interface RedirectOptions {
  readonly to?: Place;
  readonly status?: number;
}

/** Where the answer names a Location (a session of an upload), it names another one. */
export function otherLocation(to: Place): Fault {
  return async (request, next, stage) => {
    const answer = await next(request);
    const given = answer.headers.get('location');
    if (given === null) return answer;
    const { pathname, search } = new URL(given, request.url);
    const location = typeof to === 'string' ? to : to(stage, pathname + search);
    const headers = new Headers(answer.headers);
    if (location === '') headers.delete('location');
    else headers.set('location', location);
    return new Response(answer.body, { status: answer.status, headers });
  };
}

/** A challenge that names this token service instead of the registry's own. */
export function otherRealm(to: Place): Fault {
  return changeChallenge((challenge, request, stage) =>
    challenge.replace(/realm="[^"]*"/, () => `realm="${placeOf(to, request, stage)}"`),
  );
}

/** A challenge for a password is beside the one for a token in one header, as Gitea sends them. */
export function twoChallenges(): Fault {
  return changeChallenge((challenge) => `Basic realm="here, or: \\"there\\"", ${challenge}`);
}

function changeChallenge(change: (challenge: string, request: Request, stage: Stage) => string): Fault {
  return async (request, next, stage) => {
    const answer = await next(request);
    const challenge = answer.headers.get('www-authenticate');
    if (challenge === null) return answer;
    const headers = new Headers(answer.headers);
    headers.set('www-authenticate', change(challenge, request, stage));
    return new Response(answer.body, { status: answer.status, headers });
  };
}

function placeOf(to: Place, request: Request, stage: Stage): string {
  const { pathname, search } = new URL(request.url);
  return typeof to === 'string' ? to : to(stage, pathname + search);
}
