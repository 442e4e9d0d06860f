import { BundlesError } from '../../errors.js';
import { canonicalHost, parseCredentialKey } from '../credential-key.js';

/** The content of a docker or podman credential file, ready for look-ups. */
export interface CredentialFile {
  /** How messages name it: a path or a variable. */
  readonly name: string;
  /** By host, then by path in that registry (empty: all of it), each with the key as it is written. */
  readonly auths: ReadonlyMap<string, readonly AuthKey[]>;
  /** By host: the helper and the key as it is written. */
  readonly helpers: ReadonlyMap<string, { readonly helper: string; readonly key: string }>;
  readonly store: string | undefined;
}

export interface AuthKey {
  readonly key: string;
  readonly path: string;
  readonly entry: unknown;
}

export interface ParseOptions {
  readonly name: string;
  /** `auths`: the newer form; `top`: ~/.dockercfg, whose keys are at the top level. */
  readonly form: 'auths' | 'top';
  /** False: nothing of it may start a program. */
  readonly helpers: boolean;
}

/** @throws CREDENTIALS_INVALID with the file's name; what it holds is never quoted */
export function parseCredentialFile(text: string, { name, form, helpers }: ParseOptions): CredentialFile {
  const document = parse(text, name);
  const auths = new Map<string, AuthKey[]>();
  for (const [key, entry] of entries(form === 'top' ? document : document.auths, name)) {
    const { host, path } = parseCredentialKey(key);
    const list = auths.get(host) ?? [];
    list.push({ key, path, entry });
    auths.set(host, list);
  }
  // A key that is the host itself goes before one that is written as a URL.
  for (const list of auths.values()) list.sort((one, other) => rank(one.key) - rank(other.key));
  const byHost = new Map<string, { readonly helper: string; readonly key: string }>();
  for (const [key, helper] of entries(helpers ? document.credHelpers : undefined, name)) {
    if (typeof helper === 'string' && helper !== '')
      byHost.set(parseCredentialKey(key).host, { helper, key });
  }
  const store = helpers && typeof document.credsStore === 'string' ? document.credsStore : '';
  return { name, auths, helpers: byHost, store: store || undefined };
}

/** The keys for a repository, the most specific first; `path` marks those for a part of the registry. */
export function keysFor(
  file: CredentialFile,
  { registry, repository }: { readonly registry: string; readonly repository: string },
): AuthKey[] {
  const keys = file.auths.get(canonicalHost(registry)) ?? [];
  return keys
    .filter(({ path }) => path === '' || repository === path || repository.startsWith(`${path}/`))
    .sort((one, other) => other.path.length - one.path.length);
}

function rank(key: string): number {
  return /^https:/i.test(key) ? 1 : key.includes('://') ? 2 : 0;
}

function parse(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the text.
    throw invalid(name, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(name, 'an object is wanted');
  return Object.assign(Object.create(null), value);
}

function entries(value: unknown, name: string): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(name, 'auths and credHelpers must be objects');
  return Object.entries(value);
}

function invalid(name: string, why: string): BundlesError {
  return new BundlesError('CREDENTIALS_INVALID', `Cannot read the credentials of ${name}: ${why}`, {
    hint: 'Repair the file, or log in again to replace it',
    details: { source: name },
  });
}
