import type { ChildProcess } from 'node:child_process';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { execPath } from 'node:process';

export interface Lookup {
  readonly lookup: LookupFunction;
  /** Ends what is still being looked up. */
  close(): void;
}

export interface CreateLookupOptions {
  /** Name servers to try first, `ADDRESS:PORT`. Default: those of the system. */
  readonly nameServers?: readonly string[];
}

type Found = readonly LookupAddress[];

/** Name servers that are silent for this long may stay silent much longer. */
const silenceMs = 300;
/** Many connections to one host are opened within seconds. */
const rememberMs = 5_000;
/** Longer than most systems wait. */
const childMs = 60_000;

/**
 * The system's name resolution, for a process that must be able to end. `getaddrinfo` cannot be given up: it holds one
 * of the process's few threads, and the process cannot leave before the last name server has kept silent for its many
 * seconds. So name servers are asked by a packet of our own first. Where they answer, `getaddrinfo` is called here;
 * else in another process, which can be killed.
 */
export function createLookup({ nameServers }: CreateLookupOptions = {}): Lookup {
  const known = new Map<string, Promise<Found>>();
  const children = new Set<ChildProcess>();
  const find = async (hostname: string, options: LookupOptions) =>
    (await nameServersAnswer(hostname, nameServers))
      ? lookUpHere(hostname, options)
      : lookUpElsewhere(hostname, options, children);

  const findOnce = (hostname: string, options: LookupOptions) => {
    const key = JSON.stringify([hostname, options.family, options.hints]);
    const found = known.get(key) ?? find(hostname, options);
    if (!known.has(key)) {
      const forget = () => void known.delete(key);
      found.then(() => setTimeout(forget, rememberMs).unref(), forget);
      known.set(key, found);
    }
    return found;
  };
  return {
    lookup(hostname, options, callback) {
      findOnce(hostname, options).then(
        (found) => {
          if (options.all) callback(null, [...found]);
          else callback(null, found[0]?.address ?? '', found[0]?.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    },
    close() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** True if the name servers respond at all, even with NXDOMAIN. */
async function nameServersAnswer(hostname: string, nameServers?: readonly string[]): Promise<boolean> {
  if (isIP(hostname) !== 0 || hostname === 'localhost') return true;
  const { Resolver } = await import('node:dns/promises');
  const resolver = new Resolver({ tries: 1 });
  if (nameServers) resolver.setServers(nameServers);
  const silence = setTimeout(() => resolver.cancel(), silenceMs);
  // Some answer for one family of addresses alone, and getaddrinfo waits for both.
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  clearTimeout(silence);
  return answers.every((answer) => answer.status === 'fulfilled' || !isSilence(answer.reason));
}

function isSilence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECANCELLED' || code === 'ETIMEOUT';
}

async function lookUpHere(hostname: string, options: LookupOptions): Promise<Found> {
  const { lookup } = await import('node:dns/promises');
  return lookup(hostname, { ...options, all: true });
}

const program = `
  const { argv, stdout } = require('node:process');
  require('node:dns').lookup(argv[1], JSON.parse(argv[2]), (error, found) => {
    stdout.write(JSON.stringify(error ? { code: error.code } : { found }));
  });`;

async function lookUpElsewhere(
  hostname: string,
  options: LookupOptions,
  children: Set<ChildProcess>,
): Promise<Found> {
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const words = ['-e', program, '--', hostname, JSON.stringify({ ...options, all: true })];
    const child = spawn(execPath, words, {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: childMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    children.add(child);
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('error', reject);
    child.once('close', () => {
      children.delete(child);
      const { found, code } = readAnswer(Buffer.concat(pieces));
      if (found) resolve(found);
      else reject(lookupError(hostname, code));
    });
  });
}

function readAnswer(bytes: Buffer): { readonly found?: Found; readonly code?: string } {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // Killed before it had a result.
    return {};
  }
}

function lookupError(hostname: string, code = 'EAI_AGAIN'): Error {
  return Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), { code, hostname });
}
