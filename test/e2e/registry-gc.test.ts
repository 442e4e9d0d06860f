import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runCli } from '../support/program/run-cli.js';
import { pushParts, type Registry, sha256, talkTo } from '../support/registry/registry-requests.js';
import { startServeCommand } from '../support/registry/serve-command.js';
import { tempDir } from '../support/temp-dir.js';

good('registry gc', 'frees what nothing names, beside pushes', async ({ inProcess, spawned }) => {
  await using directory = tempDir();
  await using running = await startServeCommand(directory.path);
  const registry = talkTo(fetch, running.url);
  const lost = await registry.pushBlob('acme/hello', 'x'.repeat(5000));
  const first = await pushParts(registry, 'acme/hello', { layer: 'first' });
  await registry.pushManifest('acme/hello', 'v1', first);
  const second = await pushParts(registry, 'acme/hello', { layer: 'second' });
  await registry.pushManifest('acme/hello', 'v1', second);
  const own = ['--root', directory.path];

  const early = await spawned(own);
  expect([early.code, early.stdout]).toEqual([0, 'would free 0 bytes, 0 files\n']);
  const dry = await spawned([...own, '--grace', '0s', '--untagged', '--dry-run']);
  expect(dry.stdout).toMatch(/^would free 5\.\d KiB, 3 files, 1 untagged manifest$/m);

  // Without --yes and without a yes at a terminal it only shows; no question in a CI job or beside JSON.
  const rest = [...own, '--grace', '0s', '--untagged'];
  const terminal = { terminal: true };
  for (const [words, options, asks] of [
    [rest, { input: 'y\n' }, false],
    [rest, { ...terminal, input: 'n\n' }, true],
    [rest, { ...terminal, input: '' }, true],
    [rest, { ...terminal, input: 'y\n', environment: { CI: 'true' } }, false],
    [[...rest, '--output', 'json'], { ...terminal, input: 'y\n' }, false],
    [[...rest, '--dry-run', '--yes'], { ...terminal, input: 'y\n' }, false],
  ] as const) {
    const ran = await inProcess(words, options);
    expect([ran.code, ran.stderr.includes('[y/N]')]).toEqual([0, asks]);
    expect(ran.stdout).toMatch(/would free .*, 3 files, 1 untagged manifest|"dryRun": true/);
    expect(ran.stdout).not.toMatch(/^freed/m);
  }
  expect((await registry.send('GET', `/v2/acme/hello/blobs/${lost}`)).status).toBe(200);

  // Nobody can make a file look older than it is.
  await new Promise((resolve) => setTimeout(resolve, 6100));
  let pushing = true;
  const pushes = (async () => {
    for (let count = 0; pushing; count++) {
      const manifest = await pushParts(registry, 'acme/other', { layer: `meanwhile ${count}` });
      expect((await registry.pushManifest('acme/other', `t${count}`, manifest)).status).toBe(201);
    }
  })();
  const swept = await spawned([...own, '--grace', '6s', '--yes', '--output', 'json']);
  pushing = false;
  await pushes;
  const { error, problems, repositories } = JSON.parse(swept.stdout);
  expect([swept.code, error, problems]).toEqual([0, null, []]);
  expect(repositories).toEqual([{ name: 'acme/hello', bytes: 5000, files: 1, manifests: 0 }]);
  expect((await registry.send('GET', `/v2/acme/hello/blobs/${lost}`)).status).toBe(404);

  const all = await inProcess(rest, { ...terminal, input: 'yes\n' });
  expect([all.code, all.stdout]).toEqual([
    0,
    expect.stringMatching(/^freed .*, 2 files, 1 untagged manifest$/m),
  ]);
  expect((await registry.send('GET', '/v2/acme/hello/manifests/v1')).text).toBe(JSON.stringify(second));
  const old = await registry.send('GET', `/v2/acme/hello/manifests/${sha256(JSON.stringify(first))}`);
  expect(old.status).toBe(404);
  expect(running.complaints).toEqual([]);
});

bad('registry gc', 'a directory that does not exist', async ({ inProcess }) => {
  await using directory = tempDir();
  const ran = await inProcess(['--root', join(directory.path, 'nowhere'), '--output', 'json']);
  expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('error[NOT_FOUND]')]);
  const state = await inProcess(['--state-dir', join(directory.path, 'nowhere')]);
  expect([state.code, state.stderr]).toEqual([3, expect.stringContaining('error[NOT_FOUND]')]);
});

bad('registry gc', 'times that are none', async ({ inProcess }) => {
  for (const grace of ['1', '1w', '-1h', '']) {
    const ran = await inProcess([`--grace=${grace}`]);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  }
});

/** Pushes as clients do when blobs are missing: once more. */
async function pushUntil(
  registry: Registry,
  done: AbortSignal,
  client: string,
): Promise<Map<string, string>> {
  const acknowledged = new Map<string, string>();
  for (let count = 0; !done.aborted; count++) {
    const name = `gc/r${count % 3}`;
    // The same layers again and again, so that old ones are met; tags move, so that manifests lose theirs.
    const tag = `t-${client}-${count % 7}`;
    const manifest = await pushParts(registry, name, { layer: `layer ${count % 5}`, annotations: { tag } });
    const put = await registry.pushManifest(name, tag, manifest);
    if (put.status === 201) acknowledged.set(`${name} ${tag}`, sha256(JSON.stringify(manifest)));
    else if (put.code !== 'MANIFEST_BLOB_UNKNOWN') throw new Error(`${put.status} ${put.text}`);
  }
  return acknowledged;
}

test('collectors without any grace, killed or not, lose nothing that was acknowledged', async () => {
  await using directory = tempDir();
  await using running = await startServeCommand(directory.path);
  const registry = talkTo(fetch, running.url);
  const pushing = new AbortController();
  const clients = ['a', 'b', 'c', 'd'].map((client) => pushUntil(registry, pushing.signal, client));
  const words = [
    'registry',
    'gc',
    '--root',
    directory.path,
    '--grace',
    '0s',
    '--untagged',
    '--yes',
    '-o',
    'json',
  ];
  let files = 0;
  const pushes = Promise.all(clients);
  // Reported at the end, with the words of the registry.
  pushes.catch(() => undefined);
  // On a busy machine the first rounds may meet no garbage yet.
  for (let round = 0; round < 10 || (files === 0 && round < 40); round++) {
    const killed = round % 3 === 2;
    const ran = await runCli(words, killed ? { timeoutMs: 150 + Math.floor(Math.random() * 300) } : {});
    if (killed) continue;
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    files += (JSON.parse(ran.stdout) as { files: number }).files;
  }
  pushing.abort();
  const told = await pushes.catch((cause: unknown) => {
    throw new Error(`a push failed: ${running.complaints.join('\n')}`, { cause });
  });
  const acknowledged = told.flatMap((client) => [...client]);
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(files).toBeGreaterThan(0);
  for (const [place, digest] of acknowledged) {
    const [name, tag] = place.split(' ');
    const pulled = await registry.send('GET', `/v2/${name}/manifests/${tag}`);
    expect([pulled.status, sha256(pulled.bytes)], place).toEqual([200, digest]);
    const { layers, config } = JSON.parse(pulled.text) as Record<
      string,
      { digest: string }[] & { digest: string }
    >;
    for (const blob of [...(layers ?? []), config]) {
      const { status, bytes } = await registry.send('GET', `/v2/${name}/blobs/${blob?.digest}`);
      expect([status, sha256(bytes)], place).toEqual([200, blob?.digest]);
    }
  }
  expect(running.complaints).toEqual([]);
});
