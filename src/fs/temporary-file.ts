import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPossible } from './machine-error.js';
import { formatIdentity, livenessOf, ownIdentity, parseIdentity } from './process-identity.js';

/** A writer that gives no sign of life for this long, and whose process cannot be checked here, is dead. */
const foreignTemporaryAgeMs = 60 * 60 * 1000;

/** A unique file name that identifies its process to later writers: `.NAME.PID-START-SPACE.RANDOM.tmp`. */
export async function temporaryName(name: string): Promise<string> {
  const identity = formatIdentity(await ownIdentity());
  return `.${name.slice(0, 120)}.${identity}.${randomBytes(6).toString('hex')}.tmp`;
}

/**
 * Removes from `directory` the temporary files and directories of processes that died. Files of processes that cannot be checked
 * here (other containers) go when they are an hour older than `freshPath`, which was just written.
 */
export async function sweepTemporaryFiles(directory: string, freshPath: string): Promise<void> {
  const names = ifPossible(() => readdirSync(directory)) ?? [];
  const candidates = names.filter((name) => name.endsWith('.tmp') && join(directory, name) !== freshPath);
  if (candidates.length === 0) return;
  const self = await ownIdentity();
  for (const name of candidates) {
    const owner = parseIdentity(name.split('.').at(-3) ?? '');
    if (owner === undefined || !name.startsWith('.')) continue;
    const path = join(directory, name);
    const liveness = await livenessOf(owner, self);
    const dead = liveness === 'unknown' ? isOld(path, freshPath) : liveness === 'dead';
    if (dead) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Compares with a file just written instead of a clock: both times come from the same file system. */
function isOld(path: string, freshPath: string): boolean {
  const times = ifPossible(() => [statSync(path), statSync(freshPath)] as const);
  return times !== undefined && times[1].mtimeMs - times[0].mtimeMs > foreignTemporaryAgeMs;
}
