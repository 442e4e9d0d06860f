import pg from 'pg';
import { expect, test } from 'vitest';
import { openPglite } from '../../src/catalog-server/database/open-pglite.js';
import { loadCatalog, nothingAcknowledged, untilReplayed } from '../support/catalog/catalog-load.js';
import { type CatalogProcess, startCatalogProcess } from '../support/catalog/catalog-process.js';
import { findPeers } from '../support/peers.js';
import { startPostgres } from '../support/postgres.js';
import { seededRandom, testSeed } from '../support/random/seeded-random.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('initdb', 'postgres');
const kills = Number(process.env.BUNDLES_TEST_CATALOG_KILLS ?? '20');
const outageMs = Number(process.env.BUNDLES_TEST_OUTAGE_MS ?? '30000');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What is stored: names of workflows, and ids of events with how often each is there. */
interface Stored {
  readonly workflows: readonly string[];
  readonly events: readonly string[];
}

async function killUnderLoad(state: string, database?: string) {
  const random = seededRandom(testSeed());
  const acknowledged = nothingAcknowledged();
  const starts: number[] = [];
  let running: CatalogProcess | undefined;
  const options = database === undefined ? {} : { database };
  for (let kill = 0; kill < kills; kill++) {
    const process = await startCatalogProcess(state, options);
    running = process;
    starts.push(process.startedIn);
    const stop = new AbortController();
    const load = loadCatalog(() => process.url, { acknowledged, signal: stop.signal });
    await pause(300 + random() * 900);
    await process.kill();
    stop.abort();
    await load;
  }
  await running?.kill();
  const last = await startCatalogProcess(state, options);
  await untilReplayed(last.url);
  expect(await last.stop()).toBe(0);
  return { acknowledged, median: starts.sort((one, other) => one - other)[Math.floor(starts.length / 2)] };
}

function expectAll(
  { acknowledged, median }: Awaited<ReturnType<typeof killUnderLoad>>,
  stored: Stored,
  what: string,
): void {
  const { workflows, events, kept, refused } = acknowledged;
  console.log(
    `${what}: ${kills} kills, ${workflows.size} workflows and ${events.size} events acknowledged (${kept.size} kept aside), refused ${JSON.stringify([...refused])}, median start ${Math.round(median ?? 0)} ms`,
  );
  expect(workflows.size + events.size).toBeGreaterThan(kills);
  const known = { workflows: new Set(stored.workflows), events: new Set(stored.events) };
  expect([...workflows].filter((name) => !known.workflows.has(name))).toEqual([]);
  expect([...events].filter((id) => !known.events.has(id))).toEqual([]);
  expect(stored.events.length).toBe(known.events.size);
}

test(
  `${kills} kills of the catalog on PGlite under load lose nothing that was acknowledged`,
  async () => {
    await using state = tempDir('catalog-kills-');
    const result = await killUnderLoad(state.path);
    await using database = openPglite(`${state.path}/catalog/data`);
    const workflows = await database.query.selectFrom('workflows').select('workflow_name').execute();
    const events = await database.query.selectFrom('audit_events').select('event_id').execute();
    expectAll(
      result,
      {
        workflows: workflows.map(({ workflow_name }) => workflow_name),
        events: events.map(({ event_id }) => event_id),
      },
      'PGlite',
    );
  },
  60_000 + kills * 60_000,
);

async function storedIn(url: string): Promise<Stored> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const workflows = await client.query('SELECT workflow_name FROM bundles_catalog.workflows');
  const events = await client.query('SELECT event_id FROM bundles_catalog.audit_events');
  await client.end();
  return {
    workflows: workflows.rows.map((row: { workflow_name: string }) => row.workflow_name),
    events: events.rows.map((row: { event_id: string }) => row.event_id),
  };
}

test.skipIf(!peers)(
  `${kills} kills of the catalog on PostgreSQL under load lose nothing that was acknowledged`,
  async () => {
    if (!peers) return;
    await using state = tempDir('catalog-kills-');
    await using server = await startPostgres(peers);
    const database = await server.createDatabase('catalog');
    expectAll(await killUnderLoad(state.path, database), await storedIn(database), 'PostgreSQL');
  },
  60_000 + kills * 60_000,
);

test.skipIf(!peers)(
  `PostgreSQL away for ${outageMs / 1000} s under load: every event that was accepted is there once`,
  async () => {
    if (!peers) return;
    await using state = tempDir('catalog-outage-');
    await using server = await startPostgres(peers);
    const database = await server.createDatabase('catalog');
    await using catalog = await startCatalogProcess(state.path, { database });
    const acknowledged = nothingAcknowledged();
    const stop = new AbortController();
    const load = loadCatalog(() => catalog.url, {
      acknowledged,
      signal: stop.signal,
      workflows: false,
      clients: 8,
      pauseMs: 10,
    });
    await pause(2_000);
    await server.stop();
    await pause(outageMs);
    const duringOutage = acknowledged.kept.size;
    await server.start();
    await pause(3_000);
    stop.abort();
    await load;
    expect(catalog.complaints.filter((line) => !line.startsWith('{'))).toEqual([]);
    await untilReplayed(catalog.url);
    const { events } = await storedIn(database);
    console.log(
      `outage of ${outageMs / 1000} s: ${acknowledged.events.size} events accepted, ${acknowledged.kept.size} of them kept aside (${duringOutage} while it was away), refused ${JSON.stringify([...acknowledged.refused])}`,
    );
    expect(duringOutage).toBeGreaterThan(100);
    expect([...acknowledged.refused]).toEqual([]);
    expect([...events].sort()).toEqual([...acknowledged.events].sort());
    expect(await catalog.stop()).toBe(0);
  },
  300_000 + outageMs,
);
