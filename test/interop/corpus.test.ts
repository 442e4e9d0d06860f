import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLimiter } from '../../src/async/limiter.js';
import { buildBundle } from '../../src/bundle/build-bundle.js';
import { readSources } from '../../src/tekton/sources/read-sources.js';
import { findPeers } from '../support/peers.js';
import { mustRun } from '../support/program/run-cli.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { runLines } from '../support/program/run-lines.js';
import { corpusFiles } from '../support/random/corpus.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('docker-registry', 'tkn', 'resolver');
const files = corpusFiles();
const interop = test.skipIf(peers === undefined || files.length === 0);
let registry: DockerRegistry;
let home: TempDir;

interface Pushed {
  readonly file: string;
  readonly reference: string;
  readonly objects: ReturnType<typeof readSources>['objects'];
}

let pushed: readonly Pushed[];

/** One bundle for each file, in a repository of its own. */
beforeAll(async () => {
  if (peers === undefined || files.length === 0) return;
  registry = await startDockerRegistry({ program: peers['docker-registry'] });
  home = tempDir();
  pushed = await each(files, async (file, index) => {
    const reference = `${registry.host}/corpus/file-${index}:v1`;
    const ran = await runInProcess(['push', reference, '-f', file]);
    if (ran.code !== 0) throw new Error(`${file}: ${ran.stderr}`);
    return { file, reference, objects: readSources([{ path: file, bytes: readFileSync(file) }]).objects };
  });
}, 600_000);

afterAll(async () => {
  await registry?.close();
  await home?.[Symbol.asyncDispose]();
});

interop('what list -o yaml prints is built again to the same diffIds, for every file', async () => {
  const differing: string[] = [];
  await each(pushed, async ({ file, reference, objects }) => {
    const { code, stdout } = await runInProcess(['list', reference, '-o', 'yaml']);
    const again = readSources([{ path: 'list', bytes: Buffer.from(stdout) }]).objects;
    const diffIds = (list: typeof objects) => buildBundle(list).objects.map(({ diffId }) => diffId);
    if (code !== 0 || diffIds(again).join() !== diffIds(objects).join()) differing.push(file);
  });
  expect([pushed.length, differing]).toEqual([398, []]);
});

interop('diff reports that source and registry are the same, for every file', async () => {
  const differing: string[] = [];
  await each(pushed, async ({ file, reference }) => {
    const { code, stdout } = await runInProcess(['diff', reference, file]);
    if (code !== 0 || !stdout.startsWith('same: ')) differing.push(`${file}: ${stdout}`);
  });
  expect(differing).toEqual([]);
});

interop('inspect finds each of them built by us, with nothing that a cluster would refuse', async () => {
  const odd: string[] = [];
  await each(pushed, async ({ file, reference }) => {
    const { stdout } = await runInProcess(['inspect', reference, '-o', 'json']);
    const { origin, problems } = JSON.parse(stdout) as { origin: { match: string }; problems: object[] };
    if (origin.match !== 'exact' || problems.length > 0) odd.push(`${file}: ${JSON.stringify(problems)}`);
  });
  expect(odd).toEqual([]);
});

interop("Tekton's resolver fetches every object, byte for byte what our layers hold", async () => {
  const requests = pushed.flatMap(({ reference, objects }) =>
    objects.map(({ kind, name, json }) => ({ bundle: reference, kind: kind.toLowerCase(), name, json })),
  );
  const answers = await runLines<{ data?: string; error?: string }>(
    peers!.resolver,
    requests.map(({ bundle, kind, name }) => ({ bundle, kind, name })),
  );
  const differing = requests.filter(
    ({ json }, index) => answers[index]?.data !== Buffer.from(json).toString('base64'),
  );
  expect([requests.length, differing.map(({ bundle, name }) => `${bundle} ${name}`)]).toEqual([409, []]);
});

interop('tkn bundle list prints what we print, for every file', async () => {
  const differing: object[] = [];
  await each(pushed, async ({ file, reference }) => {
    const words = ['bundle', 'list', '--no-cache', '-o', 'yaml', reference];
    const theirs = loadAll(await mustRun(peers!.tkn, words, { env: { HOME: home.path, TZ: 'UTC' } }));
    const ours = loadAll((await runInProcess(['list', reference, '-o', 'yaml'])).stdout);
    for (const [index, object] of ours.entries()) {
      const differences = compare(normal(object), normal(theirs[index]), '');
      if (differences.length > 0) differing.push({ file, differences });
    }
    if (ours.length !== theirs.length) differing.push({ file, ours: ours.length, theirs: theirs.length });
  });
  expect(differing).toEqual([]);
});

function each<T, U>(items: readonly T[], run: (item: T, index: number) => Promise<U>): Promise<U[]> {
  const limiter = createLimiter(4);
  return Promise.all(items.map((item, index) => limiter.run(() => run(item, index))));
}

/**
 * tkn prints Go structs: what is empty may be there or not, a scalar default is text, and durations are written again.
 * Everything else has to be equal.
 */
function normal(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(item));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => [name, normal(item, name)] as const);
    return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)));
  }
  if (key === 'default' && value !== null) return String(value);
  if (key === 'timeout') return seconds(String(value));
  return value;
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false || value === '';
}

/** `1h30m` and `1h30m0s` are one duration; what is none stays. */
function seconds(text: string): string {
  if (!/^(?:\d+[hms])+$/.test(text)) return text;
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  const parts = [...text.matchAll(/(\d+)([hms])/g)];
  return `${parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0)} s`;
}

function compare(ours: unknown, theirs: unknown, path: string): string[] {
  if (typeof ours === 'object' && typeof theirs === 'object' && ours !== null && theirs !== null) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) =>
      compare(
        (ours as Record<string, unknown>)[key],
        (theirs as Record<string, unknown>)[key],
        `${path}/${key}`,
      ),
    );
  }
  return ours === theirs ? [] : [`${path}: ${JSON.stringify(ours)} | ${JSON.stringify(theirs)}`];
}
