import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createHeartbeat } from './heartbeat.js';
import { errnoOf, writeError } from './machine-error.js';
import { livenessOf, ownIdentity, type ProcessIdentity, parseIdentity } from './process-identity.js';

export interface Contender {
  /** Sorts by age. */
  readonly name: string;
  readonly pid: number;
  readonly host: string;
}

export interface ContenderWatch {
  /** The living others of the lock directory; removes the files of the dead. */
  look(waitedMs: number): Promise<Contender[]>;
}

/** Watches who else has a file in a lock directory. */
export function createContenderWatch(directory: string, { own }: { readonly own: string }): ContenderWatch {
  const silence = createHeartbeat();
  return {
    async look(waitedMs) {
      const rivals: Contender[] = [];
      let self: ProcessIdentity | undefined;
      for (const name of await list(directory)) {
        const owner = name === own ? undefined : readName(name);
        if (owner === undefined) continue;
        self ??= await ownIdentity();
        const file = join(directory, name);
        const liveness = await livenessOf(owner.identity, self);
        const silent = liveness === 'unknown' && (await silence.isSilent(file, waitedMs));
        if (liveness === 'dead' || silent) await unlink(file).catch(() => undefined);
        else rivals.push({ name, pid: owner.identity.pid, host: owner.host });
      }
      return rivals;
    },
  };
}

function readName(name: string): { readonly identity: ProcessIdentity; readonly host: string } | undefined {
  const [ticket, identityText, host, ...rest] = name.split('.');
  const identity = identityText === undefined ? undefined : parseIdentity(identityText);
  if (!/^[0-9a-z]{21}$/.test(ticket ?? '') || identity === undefined || host === undefined) return undefined;
  return rest.length === 0 ? { identity, host } : undefined;
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw writeError(error, `look at the lock ${JSON.stringify(directory)}`, directory);
  }
}
