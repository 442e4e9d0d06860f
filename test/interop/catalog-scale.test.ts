import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../src/catalog-server/catalog.js';
import { openDatabase } from '../../src/catalog-server/database/open-database.js';
import { createPglitePool, startPglite } from '../../src/catalog-server/database/open-pglite.js';
import { createPostgresPool } from '../../src/catalog-server/database/open-postgres.js';
import { serve } from '../../src/http/serve/serve.js';
import { startCatalog } from '../../src/testing/start-catalog.js';
import { databaseKinds } from '../support/catalog/catalog-databases.js';
import { recordStatements } from '../support/catalog/recording-pool.js';
import { podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { startPostgres } from '../support/postgres.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('initdb', 'postgres');
const workflows = 10_000;
const events = 100_000;

describe.each(databaseKinds)('on %s', (kind) => {
  test(`${workflows} workflows and ${events} events: how long answers take, and which indexes they use`, async () => {
    await using directory = tempDir('catalog-scale-');
    await using server = kind === 'PostgreSQL' && peers ? await startPostgres(peers) : undefined;
    const recorded = recordStatements(
      server
        ? await createPostgresPool(await server.createDatabase('catalog'))
        : createPglitePool(() => startPglite(`${directory.path}/data`)),
    );
    await using database = openDatabase(recorded.pool);
    await database.migrate();
    const filling = performance.now();
    for (const statement of [
      fillWorkflows,
      fillEvents,
      'ANALYZE bundles_catalog.workflows',
      'ANALYZE bundles_catalog.audit_events',
    ])
      await sql.raw(statement).execute(database.query);
    const filledIn = performance.now() - filling;
    await using catalog = await createCatalog({ database, spool: `${directory.path}/spool` });
    const { url, close } = await serve(catalog.fetch);
    try {
      const search = {
        filters: {
          signal_type: 'Signal7',
          severity: 'low',
          component: 'deployment',
          environment: 'test',
          priority: 'P3',
          detected_labels: { gitOpsTool: 'argocd' },
          custom_labels: { team: ['t3'] },
        },
      };
      const asked: Record<string, () => Promise<Response>> = {
        list: () => fetch(`${url}/api/v1/workflows?limit=100`),
        'list of one environment': () =>
          fetch(`${url}/api/v1/workflows?environment=env3&limit=50&offset=100`),
        search: () =>
          fetch(`${url}/api/v1/workflows/search`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(search),
          }),
        versions: () => fetch(`${url}/api/v1/workflows/by-name/workflow-77/versions`),
        'audit of one run': () => fetch(`${url}/api/v1/audit/events?correlation_id=run-77`),
        'audit of a type': () => fetch(`${url}/api/v1/audit/events?event_type=type.3&limit=100&since=2d`),
        'latest audit': () => fetch(`${url}/api/v1/audit/events?limit=100`),
        page: () => fetch(`${url}/`),
        'page of a search': () => fetch(`${url}/?q=workflow-77`),
      };
      const times: Record<string, { readonly p50: number; readonly p95: number }> = {};
      const plans: Record<string, string> = {};
      for (const [name, ask] of Object.entries(asked)) {
        recorded.statements.length = 0;
        const taken: number[] = [];
        for (let round = 0; round < 40; round++) {
          const started = performance.now();
          const response = await ask();
          await response.arrayBuffer();
          taken.push(performance.now() - started);
          expect([name, response.status]).toEqual([name, 200]);
          if (round === 0) plans[name] = await explain();
        }
        taken.sort((one, other) => one - other);
        times[name] = { p50: taken[20]!, p95: taken[37]! };
      }
      console.log(
        [
          `${kind}, ${workflows} workflows, ${events} events (filled in ${Math.round(filledIn)} ms), milliseconds:`,
          ...Object.entries(times).map(
            ([name, { p50, p95 }]) => `  ${name}: p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}`,
          ),
        ].join('\n'),
      );
      for (const [name, index] of [
        ['list', 'workflows_newest'],
        ['list of one environment', 'workflows_environment'],
        ['search', 'workflows_search'],
        ['versions', 'workflows_name_newest'],
        ['audit of one run', 'audit_events_correlation_id'],
        ['audit of a type', 'audit_events_event_type'],
        ['latest audit', 'audit_events_latest'],
      ] as const)
        expect(plans[name], name).toContain(index);
      expect(times.page!.p50).toBeLessThan(300);
    } finally {
      await close();
    }

    /** The plans of the statements that an answer took. */
    async function explain(): Promise<string> {
      const selects = recorded.statements.filter(({ text }) => /^select/i.test(text));
      const client = await recorded.pool.connect();
      try {
        const plans: string[] = [];
        for (const { text, parameters } of selects) {
          const { rows } = await client.query<Record<string, string>>(`EXPLAIN ${text}`, parameters);
          plans.push(rows.map((row) => Object.values(row)[0]).join('\n'));
        }
        return plans.join('\n');
      } finally {
        client.release();
      }
    }
  }, 600_000);
});

test('the embedded catalog starts within three times what PGlite alone takes', async () => {
  await using directory = tempDir('catalog-start-');
  const time = async (task: () => Promise<unknown>) => {
    const started = performance.now();
    await task();
    return performance.now() - started;
  };
  const bare = (name: string) =>
    time(async () => {
      const database = await PGlite.create({ dataDir: `${directory.path}/${name}` });
      await database.query('SELECT 1');
      await database.close();
    });
  const catalog = (name: string) =>
    time(async () => {
      const started = await startCatalog({ root: `${directory.path}/${name}` });
      expect((await fetch(`${started.url}/health`)).status).toBe(200);
      await started.stop();
    });
  // Loads modules and compiles WebAssembly for both.
  await bare('bare');
  await catalog('catalog');
  const fresh = { bare: await bare('bare-2'), catalog: await catalog('catalog-2') };
  const again = { bare: await bare('bare-2'), catalog: await catalog('catalog-2') };
  console.log(
    `start and stop in ms: on a new directory PGlite ${Math.round(fresh.bare)}, catalog ${Math.round(fresh.catalog)}; on a used one PGlite ${Math.round(again.bare)}, catalog ${Math.round(again.catalog)}`,
  );
  expect(fresh.catalog / fresh.bare).toBeLessThan(3);
  expect(again.catalog / again.bare).toBeLessThan(3);
}, 300_000);

const container = findPeers('podman');

test.skipIf(!container)(
  'how much sooner it is there than a service in an image of its own',
  async () => {
    if (!container) return;
    await using directory = tempDir('catalog-image-');
    const context = join(directory.path, 'context');
    const root = fileURLToPath(new URL('../..', import.meta.url));
    // What a service of this size is made of: a runtime with its libraries, the program, its packages.
    const files = [process.execPath, ...librariesOf(process.execPath)];
    for (const file of files) copy(file, join(context, file));
    for (const path of ['package.json', 'bin', 'dist', 'schemas'])
      copy(join(root, path), join(context, 'app', path));
    for (const name of packages)
      copy(join(root, 'node_modules', name), join(context, 'app/node_modules', name));
    mkdirSync(join(context, 'tmp'));
    const entrypoint = `"${process.execPath}", "/app/bin/bundles.js", "catalog", "serve", "--state-dir", "/tmp/state", "--port", "0", "--offline"`;
    writeFileSync(join(context, 'Containerfile'), `FROM scratch\nCOPY . /\nENTRYPOINT [${entrypoint}]\n`);
    await using store = await podmanStore(container.podman);
    const building = performance.now();
    await store.podman('build', '-q', '-t', 'localhost/catalog:1', context);
    const built = performance.now() - building;
    const [{ Size: size }] = JSON.parse(await store.podman('image', 'inspect', 'localhost/catalog:1')) as [
      { Size: number },
    ];
    const ran =
      (await timeServing(container.podman, runWords, store.env)) ??
      (await timeInChroot(store.podman, JSON.parse(`[${entrypoint}]`) as string[]));
    const embedding = performance.now();
    await using embedded = await startCatalog({ root: join(directory.path, 'state') });
    expect((await fetch(`${embedded.url}/health`)).status).toBe(200);
    const embeddedIn = performance.now() - embedding;
    const whole = built + ran.ms;
    console.log(
      `an image of ${Math.round(size / 1e6)} MB with podman: built in ${Math.round(built)} ms, serving ${ran.how} after ${Math.round(ran.ms)} ms more; the embedded catalog serves after ${Math.round(embeddedIn)} ms: ${(whole / embeddedIn).toFixed(1)} times sooner`,
    );
    expect(embeddedIn).toBeLessThan(whole);
  },
  600_000,
);

/** What the catalog loads, with what that asks for. */
const packages = [
  ...[
    '@electric-sql/pglite',
    '@hono/node-server',
    'ajv',
    'fast-deep-equal',
    'fast-uri',
    'json-schema-traverse',
  ],
  ...[
    'hono',
    'js-yaml',
    'kysely',
    'require-from-string',
    'tar-stream',
    'streamx',
    'b4a',
    'fast-fifo',
    'text-decoder',
    'events-universal',
  ],
];

function librariesOf(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...listed.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!);
}

function copy(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: true });
}

interface Served {
  readonly ms: number;
  readonly how: string;
}

const runWords = ['run', '--rm', '--network', 'host', '--tmpfs', '/tmp', 'localhost/catalog:1'] as const;

/** Where no container runs, the image's files are mounted by podman and its entrypoint started in them. */
async function timeInChroot(
  podman: (...words: string[]) => Promise<string>,
  entrypoint: readonly string[],
): Promise<Served> {
  const started = performance.now();
  const id = (await podman('create', 'localhost/catalog:1')).trim();
  const root = (await podman('mount', id)).trim();
  const mounted = performance.now() - started;
  const served = await timeServing('chroot', [root, ...entrypoint], {});
  await podman('rm', '-f', id);
  if (served === undefined) throw new Error('the image does not serve in a chroot either');
  return { ms: mounted + served.ms, how: 'in a chroot, since containers do not run on this machine,' };
}

/** Until the program reports that it serves; undefined where it ends before. */
async function timeServing(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Served | undefined> {
  const started = performance.now();
  const child = spawn(program, words, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const served = await Promise.race([
    once(createInterface(child.stdout), 'line').then(() => true),
    ended.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 120_000)),
  ]);
  const ms = performance.now() - started;
  child.kill('SIGTERM');
  await ended;
  return served ? { ms, how: 'in a container' } : undefined;
}

const fillWorkflows = `INSERT INTO bundles_catalog.workflows
  (workflow_name, version, name, description, content, content_hash, execution_engine, container_image, labels, custom_labels, detected_labels, status, is_latest_version, created_at)
  SELECT 'workflow-' || n, '1.0.0', 'Workflow number ' || n, 'Does thing ' || n, repeat('content: ' || n || E'\\n', 40), repeat('a', 64), 'tekton',
    'registry.invalid/acme/w:v1@sha256:' || repeat('ab', 32),
    jsonb_build_object('signal_type', 'Signal' || n % 50, 'severity', 'low', 'component', CASE WHEN n % 3 = 0 THEN '*' ELSE 'deployment' END,
      'environment', CASE WHEN n % 2 = 0 THEN 'env' || n % 20 ELSE 'test' END, 'priority', 'P3'),
    jsonb_build_object('team', jsonb_build_array('t' || n % 7)), jsonb_build_object('gitOpsTool', CASE WHEN n % 2 = 0 THEN 'argocd' ELSE 'flux' END),
    'active', true, now() - n * interval '1 minute'
  FROM generate_series(1, ${workflows}) n`;
const fillEvents = `INSERT INTO bundles_catalog.audit_events
  (event_id, event_version, event_timestamp, event_type, event_category, event_action, event_outcome, actor_type, actor_id, resource_type, resource_id, correlation_id, namespace, cluster_name, severity, duration_ms, event_data, retention_days)
  SELECT gen_random_uuid(), '1.0', now() - n * interval '5 seconds', 'type.' || n % 40, 'workflow', 'x', 'success', 'service', 's', 'Workflow', 'w-' || n % 9000,
    'run-' || n % 5000, '', '', 'info', 1, jsonb_build_object('n', n), 2555
  FROM generate_series(1, ${events}) n`;
