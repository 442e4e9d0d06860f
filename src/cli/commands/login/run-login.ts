import type { Credential } from '../../../auth/credential.js';
import { dockerPlaces } from '../../../auth/credential-places.js';
import { createKeychain } from '../../../auth/keychain.js';
import { type LoggedIn, logIn } from '../../../auth/log-in.js';
import { type LoginName, parseLoginName } from '../../../auth/login-name.js';
import { BundlesError, isBundlesError } from '../../../errors.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import type { Context } from '../../context.js';
import { askPassword, type TerminalInput } from '../../open/ask-password.js';
import { readPassword } from '../../open/read-password.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface LoginOptions extends CommonOptions, NetworkOptions {
  readonly catalog?: string;
  /** A bundles.yaml. */
  readonly trustConfig?: string;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  /** False for --no-verify. */
  readonly verify: boolean;
}

export interface LoginRequest {
  readonly registry: string | undefined;
  readonly options: LoginOptions;
}

/** Proves a password to a registry and keeps it where docker does. */
export async function runLogin({ context }: Session, request: LoginRequest): Promise<void> {
  const { options } = request;
  const name = parseLoginName(requireRegistry(request.registry));
  const terminal = options.passwordStdin ? undefined : terminalOf(context);
  const username = options.username ?? (await knownUser(context, name));
  const prompt = `Password of ${username} for ${nameOf(name)}: `;
  const password = terminal
    ? await askPassword({ input: terminal, output: context.stderr, prompt, signal: context.signal })
    : await readPassword(context);
  context.hide(() => [password]);
  const verified = options.verify
    ? await verify(context, { name, options, username, password })
    : ('not-asked' as const);
  const log = options.verbose ? (line: string) => context.stderr.line(line) : undefined;
  const kept = await logIn(name, { username, password }, { ...context, log });
  warnOf(context, { verified, name, options, kept });
  if (options.output === 'json')
    context.stdout.json({
      version: 1,
      registry: name.registry,
      key: kept.key,
      username,
      file: kept.file,
      helper: kept.helper ?? null,
      verified: verified === 'yes',
      error: null,
    });
  else
    context.stdout.line(
      `logged in to ${nameOf(name)} as ${username}; kept ${
        kept.helper === undefined ? `in ${kept.file} (not encrypted)` : `by docker-credential-${kept.helper}`
      }`,
    );
}

/** Standard input, which must be a terminal. @throws USAGE */
function terminalOf({ stdin }: Context): TerminalInput {
  const { setRawMode } = stdin;
  if (stdin.isTTY === true && setRawMode !== undefined) return stdin as typeof stdin & TerminalInput;
  throw new BundlesError('USAGE', 'Cannot ask for the password: standard input is not a terminal', {
    hint: 'Pipe it in with --password-stdin; on the command line everyone on this machine could see it',
  });
}

/** @throws USAGE */
export function requireRegistry(registry: string | undefined, doing = 'log in'): string {
  if (registry !== undefined) return registry;
  throw new BundlesError('USAGE', `Cannot ${doing}: neither a registry nor a catalog is given`, {
    hint: 'Name a registry, e.g. quay.io, or a catalog with --catalog URL',
  });
}

/** `quay.io/org`, as people write it. */
export function nameOf({ registry, path }: LoginName): string {
  return path === '' ? registry : `${registry}/${path}`;
}

/** Who is logged in there already: a new password for the same user. Only the place that keeps the new one counts. */
async function knownUser(context: Context, { registry, path }: LoginName): Promise<string> {
  const { environment, home, uid, platform, signal } = context;
  const places = dockerPlaces({ environment, home });
  const keychain = createKeychain({ environment, home, uid, platform, places });
  const found = await keychain.find({ registry, repository: path }, { signal });
  if (found?.kind === 'basic') return found.username;
  throw new BundlesError('USAGE', `Cannot log in to ${registry}: no user given`, {
    hint: 'Name the user or robot with -u; if only a token counts, any name works',
  });
}

interface Verification {
  readonly name: LoginName;
  readonly options: LoginOptions;
  readonly username: string;
  readonly password: string;
}

/** One real request with the credential, for no repository. @throws RegistryError */
async function verify(
  context: Context,
  { name, options, username, password }: Verification,
): Promise<'yes' | 'no-challenge'> {
  const source = 'this login';
  const credential: Credential = { kind: 'basic', username, password, source };
  const connection = await openConnection(context, {
    options,
    patience: 'full',
    registries: [name.registry],
    keychain: {
      find: async () => credential,
      secrets: () => [password, Buffer.from(`${username}:${password}`).toString('base64')],
    },
  });
  try {
    const asked = await connection.registry.authenticate(name.registry, { signal: context.signal });
    return asked ? 'yes' : 'no-challenge';
  } catch (error) {
    if (!isBundlesError(error, 'REGISTRY_DENIED')) throw error;
    // The usual hint is about credentials that are kept somewhere; this one is not.
    throw new BundlesError('REGISTRY_DENIED', error.message, {
      hint: 'Check user and password; many registries want a token or a robot account instead. Nothing was stored',
      details: error.details,
      cause: error.cause,
    });
  } finally {
    await connection.close();
  }
}

function warnOf(
  { stderr, environment }: Context,
  {
    verified,
    name,
    options,
    kept,
  }: {
    readonly verified: string;
    readonly name: LoginName;
    readonly options: LoginOptions;
    readonly kept: LoggedIn;
  },
): void {
  const warn = (text: string) => void (options.quiet || stderr.line(`warning: ${text}`));
  if (verified === 'no-challenge') {
    warn(`${name.registry} requires no password: this one is stored without verification`);
  }
  for (const { path, mode } of kept.openToOthers) {
    warn(
      `other users of this machine may use ${path} (mode ${mode}), which was there already: chmod go= ${path}`,
    );
  }
  if (environment.REGISTRY_AUTH_FILE) {
    warn('REGISTRY_AUTH_FILE is set: while it is, no other credential is looked for, this one neither');
  }
}
