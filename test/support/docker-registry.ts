import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tempDir } from './temp-dir.js';

export interface DockerRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What the registry's own access log says was asked since the start or the last `forget`. */
  requests(): Promise<readonly LoggedRequest[]>;
  forget(): Promise<void>;
  close(): Promise<void>;
}

export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
}

export interface DockerRegistryOptions {
  /** Lines of an htpasswd file (bcrypt); without them everybody may do everything. */
  readonly htpasswd?: string;
  /** The program, where it is not on PATH. */
  readonly program?: string;
  /** Further lines of its configuration file. */
  readonly configuration?: string;
}

/** Starts Debian's docker-registry (CNCF distribution) on a free loopback port with storage of its own. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const { htpasswd, program = 'docker-registry', configuration = '' } = options;
  const directory = tempDir('docker-registry-').path;
  const host = `127.0.0.1:${await freePort()}`;
  const configurationFile = join(directory, 'config.yml');
  if (htpasswd !== undefined) writeFileSync(join(directory, 'htpasswd'), htpasswd);
  writeFileSync(
    configurationFile,
    [
      'version: 0.1',
      'log: {level: error}',
      `storage: {filesystem: {rootdirectory: ${directory}/data}, delete: {enabled: true}}`,
      `http: {addr: "${host}"}`,
      htpasswd === undefined ? '' : `auth: {htpasswd: {realm: test, path: ${directory}/htpasswd}}`,
      configuration,
      '',
    ].join('\n'),
  );
  const child = spawn(program, ['serve', configurationFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  let seen: LoggedRequest[] = [];
  let lastSeen = 0;
  const messages: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const request = parseAccessLog(line);
    if (request === undefined) return;
    lastSeen = performance.now();
    seen.push(request);
  });
  createInterface(child.stderr).on('line', (line) => messages.length < 50 && messages.push(line));
  const settled = async () => {
    do await sleep(40);
    while (performance.now() - lastSeen < 40);
  };
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await answering(`http://${host}/v2/`, ended);
  } catch (cause) {
    await close();
    throw new Error(`docker-registry does not start: ${messages.join('\n')}`, { cause });
  }
  const registry = {
    host,
    url: `http://${host}`,
    async requests() {
      await settled();
      return seen;
    },
    async forget() {
      await settled();
      seen = [];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  await registry.forget();
  return registry;
}

/** A line of the Apache combined log format. */
function parseAccessLog(line: string): LoggedRequest | undefined {
  const [, method, path, status] = /"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) /.exec(line) ?? [];
  if (method === undefined || path === undefined) return undefined;
  return { method, path, status: Number(status) };
}

async function answering(url: string, ended: Promise<string>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answered = fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return 'yes' as const;
      },
      () => sleep(25).then(() => 'no' as const),
    );
    const state = await Promise.race([answered, ended]);
    if (state === 'yes') return;
    if (state !== 'no') throw new Error(state);
  }
  throw new Error(`no answer from ${url}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
