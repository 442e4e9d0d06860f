import { BundlesError, isBundlesError } from '../errors.js';
import { basicValue } from './authorization-value.js';
import { canonicalHost } from './credential-key.js';
import type { LoginName } from './login-name.js';
import { eraseByHelper, type HelperQuestion, storeByHelper } from './stored/credential-helper.js';
import {
  type DockerFile,
  type DockerFileOptions,
  editDockerFile,
  type OpenPath,
} from './stored/docker-file.js';

/** Where a credential is kept, or was. */
export interface KeptAt {
  readonly file: string;
  readonly key: string;
  /** The helper that keeps it; undefined: the file itself does, in base64. */
  readonly helper: string | undefined;
}

export interface LoggedIn extends KeptAt {
  /** See DockerFile. */
  readonly openToOthers: readonly OpenPath[];
}

export interface LogInOptions extends DockerFileOptions {
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * Keeps a user and a password where docker does: with the helper that its file names for the registry, else in the
 * file. What was kept for the same registry under other names of it goes away.
 *
 * @throws CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL, BUSY
 */
export async function logIn(
  name: LoginName,
  { username, password }: { readonly username: string; readonly password: string },
  options: LogInOptions,
): Promise<LoggedIn> {
  basicValue(username, password, { source: 'this login' });
  if (username === '' || username.includes(':')) {
    throw new BundlesError(
      'CREDENTIALS_INVALID',
      'Cannot keep this credential: its user is empty or holds a colon',
      {
        hint: 'In credential files the user ends at the first colon: pass only the user with -u',
      },
    );
  }
  return editDockerFile(options, async (file) => {
    const helper = helperFor(file, name);
    if (helper) await storeByHelper(helper, { username, password }, options);
    const key = helper?.key ?? name.key;
    const auth = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
    const others = keysOf(file, name).filter((known) => known !== key);
    const entries = new Map<string, object | undefined>(others.map((known) => [known, undefined]));
    file.setEntries(entries.set(key, helper ? {} : { auth }));
    return { file: file.path, key, helper: helper?.helper, openToOthers: file.openToOthers };
  });
}

/** Removes what `logIn` keeps; undefined where there was nothing. @throws as logIn */
export async function logOut(name: LoginName, options: LogInOptions): Promise<KeptAt | undefined> {
  return editDockerFile(options, async (file) => {
    const helper = helperFor(file, name);
    const keys = keysOf(file, name);
    const erased = helper !== undefined && (await erase(helper, options));
    file.setEntries(new Map(keys.map((key) => [key, undefined])));
    if (!erased && keys.length === 0) return undefined;
    return { file: file.path, key: keys[0] ?? name.key, helper: erased ? helper.helper : undefined };
  });
}

/** A helper that is not installed keeps nothing. */
async function erase(helper: HelperQuestion, options: LogInOptions): Promise<boolean> {
  try {
    return await eraseByHelper(helper, options);
  } catch (error) {
    if (!isBundlesError(error, 'CREDENTIALS_INVALID') || error.details.missing !== true) throw error;
    options.log?.(error.message);
    return false;
  }
}

/** Helpers store credentials for whole registries only. */
function helperFor(
  { view, path }: DockerFile,
  { registry, path: namespace, key }: LoginName,
): HelperQuestion | undefined {
  if (namespace !== '') return undefined;
  const named = view.helpers.get(canonicalHost(registry));
  if (named) return { ...named, source: `${path} (credHelpers)` };
  return view.store === undefined ? undefined : { helper: view.store, key, source: `${path} (credsStore)` };
}

/** Every spelling of the same registry or namespace. */
function keysOf({ view }: DockerFile, { registry, path }: LoginName): string[] {
  const keys = view.auths.get(canonicalHost(registry)) ?? [];
  return keys.filter((one) => one.path === path).map(({ key }) => key);
}
