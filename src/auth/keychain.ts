import { devNull } from 'node:os';
import { type SharedTask, shareTask } from '../async/shared-task.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { shorten } from '../http/shorten.js';
import type { Credential, Keychain } from './credential.js';
import { canonicalHost, helperKey } from './credential-key.js';
import { type CredentialPlace, credentialPlaces, type PlacesOptions } from './credential-places.js';
import { readAuthEntry } from './stored/auth-entry.js';
import { type AuthKey, type CredentialFile, keysFor, parseCredentialFile } from './stored/credential-file.js';
import { askHelper, type HelperQuestion } from './stored/credential-helper.js';

/** Where a keychain looks, and credentials that come first. */
export interface KeychainOptions extends PlacesOptions {
  /** Given for this run; goes before everything else. Without `registry` it is for every registry. */
  readonly explicit?:
    | { readonly username: string; readonly password: string; readonly registry?: string }
    | undefined;
  /** Where to look. Default: every place of `credentialPlaces`. */
  readonly places?: readonly CredentialPlace[] | undefined;
  /** Use what GitHub Actions and GitLab CI give their jobs. Default false. */
  readonly ciCredentials?: boolean;
  /** Gets a line for what is skipped; never a secret. */
  readonly warn?: ((message: string) => void) | undefined;
  readonly log?: ((line: string) => void) | undefined;
  /** For one answer of a helper. Default 30 s. */
  readonly helperTimeoutMs?: number;
}

type Target = Parameters<Keychain['find']>[0];
interface FindOptions {
  readonly signal?: AbortSignal;
  readonly fresh?: boolean;
}

/**
 * Finds the credentials of this machine where docker and podman keep them. Nothing is read before the first question, and no place after
 * the one that answers it; files and answers of helpers are kept for the life of the keychain.
 *
 * @throws CREDENTIALS_INVALID from `find` for a file that cannot be read
 * @example
 * ```ts
 * import { createKeychain } from 'tekton-bundles/registry';
 *
 * const auths = { 'quay.io': { auth: Buffer.from('robot:secret').toString('base64') } };
 * const environment = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) };
 * const keychain = createKeychain({ environment, platform: process.platform });
 * const credential = await keychain.find({ registry: 'quay.io', repository: 'acme/hello' });
 * console.log(credential?.kind, credential?.source); // basic DOCKER_AUTH_CONFIG (quay.io)
 * ```
 */
export function createKeychain(options: KeychainOptions): Keychain {
  const { environment, explicit, ciCredentials = false } = options;
  const secrets = new Set<string>();
  const warned = new Set<string>();
  const warn = (message: string) => {
    if (!warned.has(message)) options.warn?.(message);
    warned.add(message);
  };
  const ask = helperDesk(options);
  const files = new Map<CredentialPlace, Promise<CredentialFile | undefined>>();
  const fileAt = (place: CredentialPlace) => {
    const known = files.get(place) ?? readPlace(place, warn);
    files.set(place, known);
    return known;
  };
  let places = options.places;

  const search = async (target: Target, use: FindOptions): Promise<Credential | undefined> => {
    if (
      explicit &&
      (!explicit.registry || canonicalHost(explicit.registry) === canonicalHost(target.registry))
    ) {
      const { username, password } = explicit;
      return { kind: 'basic', username, password, source: 'the user and password given for this run' };
    }
    places ??= credentialPlaces(options);
    const unusable: Unusable[] = [];
    const settings: SearchOptions = { warn, unusable, ask: (question) => ask(question, use) };
    let found: Credential | undefined;
    for (const place of places) {
      const file = await fileAt(place);
      found = file && (await searchFile(file, target, settings));
      if (found) break;
    }
    const exclusive = places[0]?.required === true;
    if (!found && ciCredentials && !exclusive) found = ciCredential(target.registry, environment);
    const [first] = unusable;
    if (!found && first) throw unusableEntry(first);
    for (const { source, why } of unusable) warn(`The credential of ${source} is skipped: ${why}`);
    return found;
  };

  return {
    async find(target, use = {}) {
      const found = await search(target, use);
      if (found) for (const secret of secretsOf(found)) secrets.add(secret);
      return found;
    },
    secrets: () => [...secrets],
  };
}

interface Unusable {
  readonly source: string;
  readonly why: string;
}

/** The error for an unusable entry; an anonymous request instead would hide the problem. */
function unusableEntry({ source, why }: Unusable): BundlesError {
  return new BundlesError('CREDENTIALS_INVALID', `Cannot use the credential of ${source}: ${why}`, {
    hint: 'Correct the entry, or log in again to have it replaced',
    details: { source },
  });
}

interface SearchOptions {
  readonly warn: (message: string) => void;
  /** Gets the entries that hold no credential although they should. */
  readonly unusable: Unusable[];
  readonly ask: (question: HelperQuestion) => Promise<Credential | undefined>;
}

/** A key for a part of the registry goes before helpers, helpers before a key for all of it. */
async function searchFile(
  file: CredentialFile,
  target: Target,
  options: SearchOptions,
): Promise<Credential | undefined> {
  const keys = keysFor(file, target);
  const partial = keys.filter(({ path }) => path !== '');
  const whole = keys.filter(({ path }) => path === '');
  return (
    firstUsable(file, partial, options) ??
    (await askHelperOf(file, target, options)) ??
    (await askStoreOf(file, target, { ...options, key: whole[0]?.key })) ??
    firstUsable(file, whole, options)
  );
}

function firstUsable(
  file: CredentialFile,
  keys: readonly AuthKey[],
  { unusable }: SearchOptions,
): Credential | undefined {
  for (const { key, entry } of keys) {
    const source = `${file.name} (${shorten(key)})`;
    const found = readAuthEntry(entry, source);
    if (typeof found === 'object') return found;
    if (typeof found === 'string') unusable.push({ source, why: found });
  }
  return undefined;
}

async function askHelperOf(file: CredentialFile, target: Target, { ask }: SearchOptions) {
  const entry = file.helpers.get(canonicalHost(target.registry));
  return entry && ask({ ...entry, source: `${file.name} (credHelpers ${shorten(entry.key)})` });
}

/** A store that does not work is what other programs left behind: no reason to fail. */
async function askStoreOf(
  file: CredentialFile,
  target: Target,
  { ask, warn, key = helperKey(target.registry) }: SearchOptions & { readonly key: string | undefined },
): Promise<Credential | undefined> {
  if (file.store === undefined) return undefined;
  try {
    return await ask({ helper: file.store, key, source: `${file.name} (credsStore)` });
  } catch (error) {
    if (!isBundlesError(error, 'CREDENTIALS_INVALID')) throw error;
    warn(`${error.message}; going on without it`);
    return undefined;
  }
}

/** Answers of helpers, each requested once in a run unless a fresh one is wanted. */
function helperDesk({ environment, helperTimeoutMs = 30_000, log }: KeychainOptions) {
  const answers = new Map<string, { readonly task: SharedTask<Credential | undefined>; settled: boolean }>();
  return (question: HelperQuestion, { signal, fresh = false }: FindOptions) => {
    const key = JSON.stringify([question.helper, question.key]);
    const known = answers.get(key);
    if (known && !known.task.abandoned && !(fresh && known.settled)) return known.task.join(signal);
    const task = shareTask(async (abandoned) => {
      try {
        return await askHelper(question, { environment, timeoutMs: helperTimeoutMs, log, signal: abandoned });
      } finally {
        answer.settled = true;
      }
    });
    const answer = { task, settled: false };
    answers.set(key, answer);
    return task.join(signal);
  };
}

const longestFile = 1024 * 1024;

async function readPlace(
  place: CredentialPlace,
  warn: (message: string) => void,
): Promise<CredentialFile | undefined> {
  const { path, required } = place;
  if (place.text !== undefined) return parseUnlessEmpty(place.text, place);
  if (path === undefined || path === devNull) return undefined;
  try {
    const missing = required ? 'CREDENTIALS_INVALID' : 'NOT_FOUND';
    const bytes = await readFileCapped(path, {
      limit: longestFile,
      missing,
      tooLarge: 'CREDENTIALS_INVALID',
    });
    return parseUnlessEmpty(new TextDecoder().decode(bytes), place);
  } catch (error) {
    if (required) throw error;
    if (isBundlesError(error, 'NOT_FOUND')) return undefined;
    if (!isBundlesError(error, 'NOT_READABLE')) throw error;
    if (!place.assumed) warn(`${error.message}; going on without it`);
    return undefined;
  }
}

/** A file without content is none, as for crane and oras; programs leave such files, and /dev/null is one. */
function parseUnlessEmpty(text: string, place: CredentialPlace): CredentialFile | undefined {
  return text.trim() === '' ? undefined : parseCredentialFile(text, place);
}

function secretsOf(credential: Credential): string[] {
  if (credential.kind === 'basic') return [credential.password, pairOf(credential)];
  if (credential.kind === 'registry-token') return [credential.token];
  const { token, username, password } = credential;
  return password ? [token, password, pairOf({ username, password })] : [token];
}

/** As a server sees it that repeats what it was sent. */
function pairOf({ username, password }: { readonly username: string; readonly password: string }): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

/** What GitHub Actions and GitLab CI hand to their jobs, each for its own registry only. */
function ciCredential(
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Credential | undefined {
  const host = canonicalHost(registry);
  const { GITHUB_TOKEN, GITHUB_ACTOR, CI_REGISTRY, CI_REGISTRY_USER, CI_REGISTRY_PASSWORD } = environment;
  if (host === 'ghcr.io' && GITHUB_TOKEN) {
    const username = GITHUB_ACTOR || 'x-access-token';
    return { kind: 'basic', username, password: GITHUB_TOKEN, source: 'GITHUB_TOKEN' };
  }
  if (CI_REGISTRY && canonicalHost(CI_REGISTRY) === host && CI_REGISTRY_USER && CI_REGISTRY_PASSWORD) {
    return {
      kind: 'basic',
      username: CI_REGISTRY_USER,
      password: CI_REGISTRY_PASSWORD,
      source: 'CI_REGISTRY_PASSWORD',
    };
  }
  return undefined;
}
