import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { sampleRegistration } from '../support/catalog/catalog-samples.js';
import { findPeers } from '../support/peers.js';
import { startPostgres } from '../support/postgres.js';
import { cliPath } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('initdb', 'postgres');

test.skipIf(!peers)(
  'catalog serve keeps its workflows in the database that BUNDLES_CATALOG_DATABASE names',
  async () => {
    if (!peers) return;
    await using state = tempDir();
    await using server = await startPostgres(peers);
    const child = spawn(
      process.execPath,
      [cliPath, 'catalog', 'serve', '--state-dir', state.path, '--port', '0', '-o', 'json'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: process.env.PATH, BUNDLES_CATALOG_DATABASE: await server.createDatabase('catalog') },
      },
    );
    const ended = once(child, 'exit');
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url, database } = JSON.parse(line as string) as Record<string, string>;
    expect(database).toBe('postgres');
    const response = await fetch(`${url}/api/v1/workflows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sampleRegistration()),
    });
    expect(response.status).toBe(201);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
);
