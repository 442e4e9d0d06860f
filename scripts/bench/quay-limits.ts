import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrivateAuthority, privateAuthority } from '../../test/support/network/certificates.js';
import { startDelayProxy } from '../../test/support/network/delay-proxy.js';
import { freePort } from '../../test/support/network/free-port.js';
import { type Nginx, startNginx } from '../../test/support/network/nginx.js';
import type { Peers } from '../../test/support/peers.js';
import { type DockerRegistry, startDockerRegistry } from '../../test/support/registry/docker-registry.js';
import { startTokenServer, type TokenServer } from '../../test/support/registry/token-server.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { ensure, skopeoLoop, tknLoop } from './runners.js';
import { type BenchProject, writeProject } from './write-project.js';

export interface QuayLimitsOptions {
  readonly peers: Peers;
  readonly home: string;
  /** Where the registry's storage lies. */
  readonly parent: string | undefined;
  readonly count: number;
  readonly latencies: readonly number[];
  readonly quick: boolean;
}

/** Figures of quay.io's budget; times in seconds for 100 bundles without a round trip. */
const wanted = { http1: 2.5, overUnlimited: 1.3, thousand: 4, tooMany: 5 };
const user = { user: 'robot', password: 's3cret-pass' };

/**
 * Measures `ensure` behind the limits of Quay's nginx, by HTTP/2 and HTTP/1.1, with and without tokens: warm, cold, and three
 * jobs at once from one address; and the loops of skopeo and tkn behind the same limits. True where no run got more than
 * five 429s and the wanted times hold.
 */
export async function measureQuayLimits(options: QuayLimitsOptions): Promise<boolean> {
  const held: boolean[] = [];
  for (const latency of options.latencies) {
    for (const tokens of [false, true]) {
      await using stage = await openStage(options, { latency, tokens });
      console.log(`\nbehind Quay's limits, ${latency} ms${tokens ? ', with tokens' : ''}`);
      held.push(await measureWarmAndCold(stage, options, latency));
      if (!options.quick) held.push(await measureThreeJobs(stage, options));
      await measureLoops(stage, options);
    }
  }
  return held.every(Boolean);
}

interface Stage extends AsyncDisposable {
  /** As clients see it. */
  readonly host: string;
  /** The same registry without limits. */
  readonly unlimited: string;
  readonly nginx: Nginx;
  readonly authority: PrivateAuthority;
  readonly tokens: boolean;
}

/** docker-registry behind nginx with the limits of Quay, and beside it without. */
async function openStage(
  { peers, parent }: QuayLimitsOptions,
  { latency, tokens }: { readonly latency: number; readonly tokens: boolean },
): Promise<Stage> {
  const closers: (() => PromiseLike<void>)[] = [];
  const use = <T extends AsyncDisposable>(resource: T): T => {
    closers.unshift(() => resource[Symbol.asyncDispose]());
    return resource;
  };
  const dispose = async () => {
    for (const close of closers) await close();
  };
  const [port, otherPort] = [await freePort(), await freePort()];
  const distant = async (to: number) => {
    if (latency === 0) return `127.0.0.1:${to}`;
    const proxy = await startDelayProxy(`127.0.0.1:${to}`, latency);
    closers.unshift(() => proxy.close());
    return proxy.host;
  };
  const [host, unlimited] = [await distant(port), await distant(otherPort)];
  const service = tokens ? use(await startTokenServer(user)) : undefined;
  const registry = use(await startRegistry(peers, { parent, service, realmHost: host }));
  const authority = privateAuthority();
  const common = { program: peers.nginx, upstream: registry.host, authority };
  const nginx = use(
    await startNginx({ ...common, port, http: zones, server: locations(registry.host, service) }),
  );
  use(await startNginx({ ...common, port: otherPort, server: service ? tokenLocation(service, '') : '' }));
  return { host, unlimited, nginx, authority, tokens, [Symbol.asyncDispose]: dispose };
}

async function startRegistry(
  peers: Peers,
  {
    parent,
    service,
    realmHost,
  }: {
    readonly parent: string | undefined;
    readonly service: TokenServer | undefined;
    readonly realmHost: string;
  },
): Promise<DockerRegistry> {
  const program = peers['docker-registry'];
  if (service === undefined) return startDockerRegistry({ program, parent });
  const rootcertbundle = join(tempDir('quay-limits-').path, 'token.pem');
  writeFileSync(rootcertbundle, service.certificate);
  const realm = `https://${realmHost}/v2/auth`;
  const token = { realm, service: service.service, issuer: service.issuer, rootcertbundle };
  return startDockerRegistry({ program, parent, configuration: `auth: ${JSON.stringify({ token })}` });
}

/** HTTP/1.1 is counted by address, HTTP/2 by connection; an empty key is not counted. */
const zones = `
  map $http2 $by_address { "" $binary_remote_addr; default ""; }
  map $http2 $by_connection { "" ""; default $connection; }
  map $arg_scope $by_account { "~^repository(?::|%3A)([^/%]+)" $1; default $http_authorization; }
  limit_req_zone $by_address zone=registry1:10m rate=50r/s;
  limit_req_zone $by_connection zone=registry2:10m rate=500r/s;
  limit_req_zone $by_address zone=tags1:10m rate=5r/s;
  limit_req_zone $by_connection zone=tags2:10m rate=50r/s;
  limit_req_zone $by_account zone=tokens:10m rate=120r/s;
  limit_req_status 429;`;

function locations(upstream: string, service: TokenServer | undefined): string {
  const proxied = `proxy_pass http://${upstream}; proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto https;`;
  return `
    location ~ ^/v2/.+/blobs/ {
      limit_req zone=registry1 burst=50 nodelay; limit_req zone=registry2 burst=100 nodelay;
      keepalive_timeout 0; proxy_request_buffering off; ${proxied}
    }
    location ~ ^/v2/.+/tags/ {
      limit_req zone=tags1 burst=2 nodelay; limit_req zone=tags2 burst=2 nodelay; keepalive_timeout 0; ${proxied}
    }
    location ~ ^/v2/.+/manifests/ {
      limit_req zone=registry1 burst=10 nodelay; limit_req zone=registry2 burst=50 nodelay; ${proxied}
    }
    ${service ? tokenLocation(service, 'limit_req zone=tokens burst=2 nodelay; keepalive_timeout 0;') : ''}`;
}

function tokenLocation({ realm }: TokenServer, limits: string): string {
  return `location = /v2/auth { ${limits} proxy_pass ${realm}; }`;
}

/** A project at the registry, with what it needs to trust it and to log in. */
function project(
  { authority, tokens, host: realmHost }: Stage,
  { home }: QuayLimitsOptions,
  { host, bundles, path }: { readonly host: string; readonly bundles: number; readonly path: string },
) {
  const made = writeProject(home, { repository: `${host}/${path}`, bundles });
  const file = join(made.directory, 'bundles.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(join(made.directory, 'ca.pem'), authority.ca);
  if (tokens) logIn(made, host);
  return {
    ...made,
    use(http2: boolean) {
      const settings = `{caFile: ca.pem, http2: ${http2}}`;
      const hosts = [...new Set([host, realmHost])].map((name) => `"${name}": ${settings}`);
      writeFileSync(file, `${text}registries: {${hosts.join(', ')}}\n`);
    },
  };
}

function logIn({ directory }: BenchProject, host: string): void {
  const auth = Buffer.from(`${user.user}:${user.password}`).toString('base64');
  mkdirSync(join(directory, '.docker'));
  writeFileSync(join(directory, '.docker', 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
}

async function measureWarmAndCold(
  stage: Stage,
  options: QuayLimitsOptions,
  latency: number,
): Promise<boolean> {
  const { count, quick } = options;
  const { host, unlimited } = stage;
  const free = project(stage, options, { host: unlimited, bundles: count, path: 'free' });
  free.use(true);
  await ensure(free);
  const ideal = await median(quick ? 1 : 3, async () => (await ensure(free)).milliseconds);
  console.log(`${'warm, without limits'.padEnd(34)} ${seconds(ideal)}`);
  const held: boolean[] = [];
  for (const http2 of [true, false]) {
    const protocol = http2 ? 'HTTP/2' : 'HTTP/1.1';
    const cold = project(stage, options, { host, bundles: count, path: `cold-${http2 ? 2 : 1}` });
    cold.use(http2);
    held.push(await measure(stage, `cold, ${protocol}`, () => ensure(cold)));
    const most = http2 ? ideal * wanted.overUnlimited : wanted.http1 * 10 * count;
    held.push(
      await measure(
        stage,
        `warm, ${protocol}`,
        () => ensure(cold),
        latency === 0 && !quick ? most : undefined,
      ),
    );
    rmSync(cold.directory, { recursive: true });
    await idle(http2);
  }
  if (!quick) held.push(await measureThousand(stage, options));
  return held.every(Boolean);
}

async function measureThousand(stage: Stage, options: QuayLimitsOptions): Promise<boolean> {
  const bundles = options.count * 10;
  const many = project(stage, options, { host: stage.unlimited, bundles, path: 'many' });
  many.use(true);
  await ensure(many);
  const limited = project(stage, options, { host: stage.host, bundles, path: 'many' });
  limited.use(true);
  // As in a fresh checkout without a lock, where all has to be built, and then as in every later run.
  const fresh = await measure(stage, `${bundles} at first sight, HTTP/2`, () => ensure(limited));
  const warm = await measure(
    stage,
    `${bundles} warm, HTTP/2`,
    () => ensure(limited),
    wanted.thousand * bundles,
  );
  return fresh && warm;
}

/** Three jobs start at once behind one address; each is measured separately, so that one that starves is seen. */
async function measureThreeJobs(stage: Stage, options: QuayLimitsOptions): Promise<boolean> {
  const held: boolean[] = [];
  for (const http2 of [true, false]) {
    const jobs = ['one', 'two', 'three'].map((name) => {
      const path = `jobs-${http2 ? 2 : 1}-${name}`;
      const made = project(stage, options, { host: stage.host, bundles: options.count, path });
      const seed = project(stage, options, { host: stage.unlimited, bundles: options.count, path });
      return { made, seed };
    });
    for (const { made, seed } of jobs) {
      made.use(http2);
      seed.use(true);
      await ensure(seed);
    }
    await idle(http2);
    stage.nginx.forget();
    const each = await Promise.all(jobs.map(async ({ made }) => (await ensure(made)).milliseconds));
    const answers = stage.nginx.answers();
    jobs.forEach(({ made }, index) => {
      const [, path = ''] = made.repository.split('/');
      const own = answers.filter(({ path: asked }) => asked.includes(path));
      const title = `job ${index + 1} of 3, warm, ${http2 ? 'HTTP/2' : 'HTTP/1.1'}`;
      held.push(report(title, { milliseconds: each[index] ?? 0, answers: own }));
    });
    for (const { made, seed } of jobs) {
      for (const { directory } of [made, seed]) rmSync(directory, { recursive: true });
    }
  }
  return held.every(Boolean);
}

/** What people write today, for a part of the bundles and as if for all. */
async function measureLoops(stage: Stage, options: QuayLimitsOptions): Promise<void> {
  const { count, quick, peers } = options;
  const part = quick ? count : Math.min(count, 20);
  const made = project(stage, options, { host: stage.host, bundles: count, path: 'loops' });
  const authentication = stage.tokens ? { config: join(made.directory, '.docker') } : {};
  const trust = { ca: join(made.directory, 'ca.pem'), ...authentication };
  const loop = async (title: string, run: () => Promise<{ readonly milliseconds: number }>) => {
    await idle(false);
    const whole = async () => ({ milliseconds: ((await run()).milliseconds * count) / part });
    await measure(stage, title, whole);
  };
  await loop('tkn bundle push loop', () =>
    tknLoop(made, { part, tkn: peers.tkn, home: made.directory, ...trust }),
  );
  const pushed = { ...made, repository: `${made.repository}-tkn` };
  await loop('skopeo inspect loop', () => skopeoLoop(pushed, part, trust));
  rmSync(made.directory, { recursive: true });
}

/** Runs one job, prints its time and its 429s, and reports whether both are as wanted. */
async function measure(
  { nginx }: Stage,
  title: string,
  run: () => Promise<{ readonly milliseconds: number }>,
  most?: number,
): Promise<boolean> {
  nginx.forget();
  const { milliseconds } = await run();
  return report(title, { milliseconds, answers: nginx.answers(), most });
}

interface Measured {
  readonly milliseconds: number;
  readonly answers: readonly { readonly path: string; readonly status: number }[];
  /** Milliseconds that are wanted. */
  readonly most?: number | undefined;
}

function report(title: string, { milliseconds, answers, most }: Measured): boolean {
  const refused = answers.filter(({ status }) => status === 429);
  const tokens = refused.filter(({ path }) => path.startsWith('/v2/auth')).length;
  const held = refused.length <= wanted.tooMany && (most === undefined || milliseconds <= most);
  const limit = most === undefined ? '' : `, at most ${seconds(most).trim()}`;
  const ofTokens = tokens === 0 ? '' : `, ${tokens} of them for tokens`;
  const note = `${answers.length} requests, ${refused.length} × 429${ofTokens} (at most ${wanted.tooMany})${limit}`;
  console.log(`${title.padEnd(34)} ${seconds(milliseconds)}   ${note}${held ? '' : '   NOT HELD'}`);
  return held;
}

/** Until the buckets of an address are empty again. */
function idle(http2: boolean): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, http2 ? 0 : 1_500));
}

async function median(rounds: number, run: () => Promise<number>): Promise<number> {
  const took: number[] = [];
  while (took.length < rounds) took.push(await run());
  return took.sort((one, other) => one - other)[rounds >> 1] ?? Number.NaN;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2).padStart(8)} s`;
}
