import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { freePort } from '../network/free-port.js';
import { tempDir } from '../temp-dir.js';

export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `http://127.0.0.1:PORT`, or with https. */
  readonly url: string;
  /** The requests in the registry's own access log since the start or the last `forget`. */
  requests(): Promise<readonly LoggedRequest[]>;
  forget(): Promise<void>;
  close(): Promise<void>;
}

export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  /** `HTTP/1.1` or `HTTP/2.0`. */
  readonly protocol: string;
}

export interface DockerRegistryOptions {
  /** Lines of an htpasswd file (bcrypt); without them everybody may do everything. */
  readonly htpasswd?: string;
  /** The program, where it is not on PATH. */
  readonly program?: string;
  /** Key and certificate in PEM: it speaks TLS itself, and HTTP/2. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** To listen on. Default: a free one. */
  readonly port?: number;
  /** Where its storage lies. Default: a directory for temporary files. */
  readonly parent?: string | undefined;
  /** Further lines of its configuration file. */
  readonly configuration?: string;
}

/** Starts CNCF distribution (Debian's docker-registry, or a later one) on a free loopback port with storage of its own. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const { htpasswd, program = 'docker-registry', configuration = '', tls, parent } = options;
  const { port = await freePort() } = options;
  const directory = tempDir('docker-registry-', parent).path;
  const host = `127.0.0.1:${port}`;
  const configurationFile = join(directory, 'config.yml');
  if (htpasswd !== undefined) writeFileSync(join(directory, 'htpasswd'), htpasswd);
  if (tls !== undefined) {
    writeFileSync(join(directory, 'cert.pem'), tls.cert);
    writeFileSync(join(directory, 'key.pem'), tls.key);
  }
  const url = `${tls ? 'https' : 'http'}://${host}`;
  writeFileSync(
    configurationFile,
    [
      'version: 0.1',
      'log: {level: error}',
      `storage: {filesystem: {rootdirectory: ${directory}/data}, delete: {enabled: true}}`,
      `http: {addr: "${host}"${tls ? `, tls: {certificate: ${directory}/cert.pem, key: ${directory}/key.pem}` : ''}}`,
      htpasswd === undefined ? '' : `auth: {htpasswd: {realm: test, path: ${directory}/htpasswd}}`,
      configuration,
      '',
    ].join('\n'),
  );
  // A file, read when somebody asks: anyone who measures the registry has nothing to do meanwhile.
  const accessLog = join(directory, 'access.log');
  const log = openSync(accessLog, 'a');
  const child = spawn(program, ['serve', configurationFile], {
    stdio: ['ignore', log, 'pipe'],
    // Distribution 3 would look for a collector of traces on this machine.
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  let forgotten = 0;
  const messages: string[] = [];
  createInterface(child.stderr as Readable).on('line', (line) => messages.length < 50 && messages.push(line));
  const settled = async () => {
    let size: number;
    do {
      ({ size } = statSync(accessLog));
      await sleep(40);
    } while (statSync(accessLog).size !== size);
    return size;
  };
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await answering(`${url}/v2/`, ended);
  } catch (cause) {
    await close();
    throw new Error(`docker-registry does not start: ${messages.join('\n')}`, { cause });
  }
  const registry = {
    host,
    url,
    async requests() {
      const size = await settled();
      const text = readFileSync(accessLog).subarray(forgotten, size).toString();
      return text.split('\n').flatMap((line) => parseAccessLog(line) ?? []);
    },
    async forget() {
      forgotten = await settled();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  await registry.forget();
  return registry;
}

/** A line of the Apache combined log format. */
function parseAccessLog(line: string): LoggedRequest | undefined {
  const [, method, path, protocol, status] = /"([A-Z]+) (\S+) (HTTP\/[\d.]+)" (\d{3}) /.exec(line) ?? [];
  if (method === undefined || path === undefined || protocol === undefined) return undefined;
  return { method, path, status: Number(status), protocol };
}

async function answering(url: string, ended: Promise<string>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answered = (url.startsWith('https:') ? getUnchecked(url) : getPlain(url)).then(
      () => 'yes' as const,
      () => sleep(25).then(() => 'no' as const),
    );
    const state = await Promise.race([answered, ended]);
    if (state === 'yes') return;
    if (state !== 'no') throw new Error(state);
  }
  throw new Error(`no answer from ${url}`);
}

async function getPlain(url: string): Promise<void> {
  await (await fetch(url)).arrayBuffer();
}

function getUnchecked(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume();
      resolve();
    });
    sent.on('error', reject);
  });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
