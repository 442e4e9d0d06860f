import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import pg from 'pg';
import { freePort } from './network/free-port.js';
import type { Peers } from './peers.js';
import { mustRun } from './program/run-cli.js';
import { tempDir } from './temp-dir.js';

export interface Postgres extends AsyncDisposable {
  /** `postgres://…` of the database `postgres`; another name may stand in its place. */
  readonly url: string;
  /** Cuts off everybody and ends, as `pg_ctl stop -m fast`. */
  stop(): Promise<void>;
  /** Starts again on the same port with the same data. */
  start(): Promise<void>;
  /** A fresh, empty database. */
  createDatabase(name: string): Promise<string>;
}

/** Nobody's account: PostgreSQL refuses to run as root. */
const nobody = 65534;

/** Starts Debian's PostgreSQL on a free loopback port with data of its own. */
export async function startPostgres({
  initdb,
  postgres,
}: Pick<Peers, 'initdb' | 'postgres'>): Promise<Postgres> {
  const directory = tempDir('postgres-');
  const account = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (account.uid !== undefined) await chown(directory.path, nobody, nobody);
  const data = `${directory.path}/data`;
  await mustRun(
    initdb,
    ['-D', data, '-U', 'bundles', '--auth=trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { cwd: directory.path, timeoutMs: 180_000, ...account },
  );
  const port = await freePort();
  const url = `postgres://bundles@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;
  const stop = async () => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGINT');
    await ended;
  };
  const start = async () => {
    const settings = [`listen_addresses=127.0.0.1`, 'fsync=off', 'max_connections=60', 'shared_buffers=64MB'];
    child = spawn(
      postgres,
      [
        '-D',
        data,
        '-p',
        String(port),
        '-k',
        directory.path,
        ...settings.flatMap((setting) => ['-c', setting]),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], ...account },
    );
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints = `${complaints}${chunk}`.slice(-4000);
    });
    const running = child;
    for (let tries = 0; tries < 400; tries++) {
      if (await answers(url)) return;
      if (running.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`PostgreSQL does not start:\n${complaints}`);
  };
  await start();
  return {
    url,
    stop,
    start,
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return url.replace(/postgres$/, name);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
