import { join } from 'node:path';
import {
  isObject,
  type JsonObject,
  readUserFile,
  requireUserFile,
  type UserFileOptions,
  userFile,
  writeUserFile,
} from '../auth/stored/user-file.js';
import { sha256Hex } from '../bytes/sha256.js';
import { hostKey } from '../oci/registry-host.js';
import type { Project, RegistrySettings } from '../project/project.js';
import { readAuthorities } from './tls-files.js';

/**
 * The settings of registries that `login --trust-config` has agreed to on this machine, in a file of the user. They are
 * kept as they were read, so that other settings for the same registry, in a later checkout, are not covered.
 */
export interface TrustedSettings {
  readonly plainHttp: boolean;
  readonly insecureSkipTlsVerify: boolean;
  readonly mirrors: readonly string[];
  /** SHA-256 of the certificates that `caFile` names. */
  readonly authorities: string | null;
}

type Trusted = ReadonlyMap<string, readonly TrustedSettings[]>;

const fileName = 'registries.json';
/** Of one registry: the last ones, one for each project that a person works on. */
const MOST_SETTINGS = 50;

/** Settings with their certificates read. @throws CONFIG_INVALID, NOT_READABLE */
async function settingsOf(
  { directory }: Pick<Project, 'directory'>,
  { plainHttp, insecureSkipTlsVerify, mirrors, caFile }: RegistrySettings,
  signal: AbortSignal,
): Promise<TrustedSettings> {
  const path = caFile === undefined ? undefined : join(directory, caFile);
  const certificates =
    path === undefined ? undefined : await readAuthorities(path, { code: 'CONFIG_INVALID', signal });
  return {
    plainHttp,
    insecureSkipTlsVerify,
    mirrors,
    authorities: certificates === undefined ? null : sha256Hex(new TextEncoder().encode(certificates)),
  };
}

/**
 * For each registry, by hostKey, whether these settings of the projects are trusted, or others are; registries without
 * trusted settings are left out. @throws CREDENTIALS_INVALID, CONFIG_INVALID, NOT_READABLE
 */
export async function agreements(
  hosts: readonly string[],
  projects: readonly Project[],
  context: UserFileOptions & { readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, 'agreed' | 'changed'>> {
  const file = userFile(fileName, context);
  const trusted = file === undefined ? new Map<string, never>() : await readTrusted(file);
  const found = new Map<string, 'agreed' | 'changed'>();
  for (const host of hosts) {
    const kept = trusted.get(host);
    if (kept === undefined) continue;
    const declared = await declaredSettings(host, projects, context.signal);
    const isAgreed = declared.every((settings) => kept.some((one) => isSame(one, settings)));
    found.set(host, isAgreed ? 'agreed' : 'changed');
  }
  return found;
}

/** What each project states of a registry. @throws CONFIG_INVALID, NOT_READABLE */
export function declaredSettings(
  host: string,
  projects: readonly Project[],
  signal: AbortSignal,
): Promise<TrustedSettings[]> {
  const declared = projects.flatMap((project) => {
    const [, settings] = [...project.registries].find(([name]) => hostKey(name) === host) ?? [];
    return settings === undefined ? [] : [settingsOf(project, settings, signal)];
  });
  return Promise.all(declared.length === 0 ? [nothingSpecial] : declared);
}

const nothingSpecial: TrustedSettings = {
  plainHttp: false,
  insecureSkipTlsVerify: false,
  mirrors: [],
  authorities: null,
};

/** Records settings for a registry, by its hostKey; gives the file. @throws CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL */
export async function keepTrustedSettings(
  host: string,
  settings: TrustedSettings,
  options: UserFileOptions,
): Promise<string> {
  const file = requireUserFile(fileName, options);
  const trusted = await readTrusted(file);
  const others = (trusted.get(host) ?? []).filter((one) => !isSame(one, settings));
  await writeTrusted(file, new Map([...trusted, [host, [...others, settings].slice(-MOST_SETTINGS)]]));
  return file;
}

/** Forgets a registry; undefined where nothing was kept. @throws CREDENTIALS_INVALID, NOT_WRITABLE, DISK_FULL */
export async function forgetTrustedSettings(
  host: string,
  options: UserFileOptions,
): Promise<string | undefined> {
  const file = userFile(fileName, options);
  if (file === undefined) return undefined;
  const trusted = new Map(await readTrusted(file));
  if (!trusted.delete(host)) return undefined;
  await writeTrusted(file, trusted);
  return file;
}

function isSame(left: TrustedSettings, right: TrustedSettings): boolean {
  return textOf(left) === textOf(right);
}

/** Mirrors count in their order: the first one is asked first. */
function textOf({ plainHttp, insecureSkipTlsVerify, mirrors, authorities }: TrustedSettings): string {
  return JSON.stringify([plainHttp, insecureSkipTlsVerify, mirrors, authorities]);
}

async function readTrusted(file: string): Promise<Trusted> {
  return (await readUserFile(file, parseTrusted)) ?? new Map();
}

async function writeTrusted(file: string, trusted: Trusted): Promise<void> {
  const registries = Object.fromEntries([...trusted].map(([host, settings]) => [host, { settings }]));
  await writeUserFile(file, { version: 1, registries });
}

function parseTrusted({ registries }: JsonObject): Trusted | undefined {
  if (!isObject(registries)) return undefined;
  const trusted = new Map<string, readonly TrustedSettings[]>();
  for (const [host, entry] of Object.entries(registries)) {
    const list = isObject(entry) ? entry.settings : undefined;
    if (!Array.isArray(list) || !list.every(isSettings)) return undefined;
    trusted.set(host, list);
  }
  return trusted;
}

function isSettings(value: unknown): value is TrustedSettings {
  if (!isObject(value)) return false;
  const { plainHttp, insecureSkipTlsVerify, mirrors, authorities } = value;
  const areFlags = typeof plainHttp === 'boolean' && typeof insecureSkipTlsVerify === 'boolean';
  const areMirrors = Array.isArray(mirrors) && mirrors.every((mirror) => typeof mirror === 'string');
  return areFlags && areMirrors && (authorities === null || typeof authorities === 'string');
}
