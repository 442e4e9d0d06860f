import { createKeychain } from '../../../auth/keychain.js';
import { logOut } from '../../../auth/log-in.js';
import { parseLoginName } from '../../../auth/login-name.js';
import { isBundlesError } from '../../../errors.js';
import { hostKey } from '../../../oci/registry-host.js';
import { forgetTrustedSettings } from '../../../open/trusted-settings.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import { nameOf, requireRegistry } from '../login/run-login.js';

export interface LogoutOptions extends CommonOptions {
  readonly catalog?: string;
}

export interface LogoutRequest {
  readonly registry: string | undefined;
  readonly options: LogoutOptions;
}

/** Removes a credential that `login` stored; it is not an error if there is none. */
export async function runLogout({ context }: Session, request: LogoutRequest): Promise<void> {
  const { options } = request;
  const name = parseLoginName(requireRegistry(request.registry, 'log out'));
  const log = options.verbose ? (line: string) => context.stderr.line(line) : undefined;
  const removed = await logOut(name, { ...context, log });
  const trust = name.path === '' ? await forgetTrustedSettings(hostKey(name.registry), context) : undefined;
  const shown = nameOf(name);
  const left = await elsewhere();
  if (left !== undefined && !options.quiet) {
    context.stderr.line(`warning: a credential for ${shown} is still found in ${left}`);
  }
  if (options.output === 'json') {
    const { registry } = name;
    const document = {
      version: 1,
      registry,
      removed: removed ?? null,
      left: left ?? null,
      trust: trust ?? null,
      error: null,
    };
    context.stdout.json(document);
  } else {
    context.stdout.line(
      removed ? `logged out of ${shown}: removed from ${removed.file}` : `not logged in to ${shown}`,
    );
    if (trust) context.stdout.line(`the settings of ${shown} are trusted no more: removed from ${trust}`);
  }

  /** The source of a credential that remains in another file or under another key. */
  async function elsewhere(): Promise<string | undefined> {
    const { environment, home, uid, platform, signal } = context;
    try {
      const keychain = createKeychain({ environment, home, uid, platform });
      const found = await keychain.find({ registry: name.registry, repository: name.path }, { signal });
      return found?.source;
    } catch (error) {
      if (isBundlesError(error, 'CREDENTIALS_INVALID')) return undefined;
      throw error;
    }
  }
}
