import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Attached } from '../../src/signing/list-attached.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushedBundle } from '../support/registry/pushed-bundle.js';
import { samplePlaces } from '../support/samples/sample-places.js';
import { sampleProject } from '../support/samples/sample-project.js';

interface SbomDocument {
  readonly bundles: {
    readonly name: string;
    readonly reference: string | null;
    readonly digest: string;
    readonly sbom: { readonly digest: string };
    readonly path: string | null;
    readonly referrer: { readonly digest: string; readonly action: string } | null;
    readonly document: object | null;
    readonly error: { readonly code: string } | null;
  }[];
}

const read = (stdout: string) => JSON.parse(stdout) as SbomDocument;
const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
const project = () => sampleProject({ repository: 'quay.io/acme', bundles: ['alpha', 'beta'] });

async function attachedTo(place: string): Promise<readonly Attached[]> {
  const { stdout } = await runInProcess(['inspect', place, '-o', 'json']);
  return (JSON.parse(stdout) as { attached: readonly Attached[] }).attached;
}

good(
  'sbom',
  'prints one document of a declared bundle, offline, with the same bytes each time',
  async ({ inProcess, spawned }) => {
    await using given = project();
    for (const [format, ending, has] of [
      ['spdx', '.spdx.json', 'spdxVersion'],
      ['cyclonedx', '.cdx.json', 'bomFormat'],
    ] as const) {
      const words = ['alpha', '--format', format, '--config', given.config];
      const printed = await inProcess(words);
      expect([printed.code, printed.stderr]).toEqual([0, '']);
      expect(JSON.parse(printed.stdout)).toHaveProperty(has);
      expect((await spawned(words)).stdout).toBe(printed.stdout);
      const to = join(given.directory, 'out', format);
      const written = await inProcess(['--format', format, '--to', to, '--config', given.config]);
      expect(written.stdout).toMatch(/^✓ alpha +written +[0-9a-f]{12} .*alpha\.\w+\.json\n✓ beta +written/);
      expect(readdirSync(to)).toEqual([`alpha${ending}`, `beta${ending}`]);
      expect(readFileSync(join(to, `alpha${ending}`), 'utf8')).toBe(printed.stdout);
      const listed = read((await inProcess([...words, '-o', 'json'])).stdout);
      expect(listed).toEqual({
        version: 1,
        bundles: [
          {
            name: 'alpha',
            reference: 'quay.io/acme/alpha:v1.0.0',
            digest,
            format,
            sbom: { mediaType: expect.any(String), digest, size: printed.stdout.length },
            path: null,
            referrer: null,
            document: JSON.parse(printed.stdout),
            error: null,
          },
        ],
        error: null,
      });
    }
  },
);

good(
  'sbom',
  'the same of a registry by tag and by digest, and without a repository of layouts and archives',
  async ({ inProcess }) => {
    await using given = await pushedBundle(['--ctime', '2025-01-02']);
    const byTag = await inProcess([given.reference]);
    expect([byTag.code, byTag.stderr]).toEqual([0, '']);
    expect(JSON.parse(byTag.stdout)).toMatchObject({ creationInfo: { created: '2025-01-02T00:00:00Z' } });
    const byDigest = await inProcess([given.reference.replace(':v1', `@${given.digest}`)], {
      environment: { SOURCE_DATE_EPOCH: '1' },
    });
    expect(byDigest.stdout).toBe(byTag.stdout);
    await using places = await samplePlaces(given.reference);
    for (const place of places.all) {
      const { bundles } = read((await inProcess([place, '-o', 'json'])).stdout);
      expect(bundles).toMatchObject([{ digest: given.digest, error: null }]);
    }
  },
);

good(
  'sbom',
  'attaches once, describes what the lock pins, and copies, promotions and inspect know of it',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry();
    await using given = sampleProject({ repository: `${registry.host}/acme` });
    const config = ['--config', given.config];
    expect((await runInProcess(['ensure', '--push', ...config])).code).toBe(0);
    const reference = `${registry.host}/acme/alpha:v1.0.0`;
    const attach = async (...words: string[]) => {
      const ran = await inProcess([...words, '--attach', '-o', 'json']);
      expect([ran.code, ran.stderr]).toEqual([0, '']);
      return read(ran.stdout).bundles[0]!;
    };
    const first = await attach('alpha', ...config);
    expect(first).toMatchObject({ reference, document: null, referrer: { action: 'attached', digest } });
    registry.seen.length = 0;
    // By its reference, and from sources that changed since.
    given.write(
      'pipelines/alpha.yaml',
      readFileSync(join(given.directory, 'pipelines/alpha.yaml'), 'utf8').replace('hello', 'changed'),
    );
    for (const words of [[reference], ['alpha', ...config]]) {
      expect(await attach(...words)).toMatchObject({
        digest: first.digest,
        sbom: first.sbom,
        referrer: { action: 'unchanged', digest: first.referrer?.digest },
      });
    }
    expect(registry.seen.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    const other = await attach(reference, '--format', 'cyclonedx');
    const wanted = [
      ['sbom', 'application/spdx+json', first.referrer?.digest],
      ['sbom', 'application/vnd.cyclonedx+json', other.referrer?.digest],
    ];
    const shown = async (place: string) =>
      (await attachedTo(place)).map((one) => [one.kind, one.artifactType, one.digest]).sort();
    expect(await shown(reference)).toEqual(wanted);
    const text = await runInProcess(['inspect', reference]);
    expect(text.stdout).toContain(`sbom (application/spdx+json) ${first.referrer?.digest.slice(7, 19)}`);
    await runInProcess(['copy', reference, `${registry.host}/copied/alpha`]);
    expect(await shown(`${registry.host}/copied/alpha:v1.0.0`)).toEqual(wanted);
    await runInProcess(['copy', reference, `oci:${join(given.directory, 'layout')}`]);
    expect(await shown(`oci:${join(given.directory, 'layout')}:v1.0.0`)).toEqual(wanted);
    await runInProcess(['promote', '--to', `${registry.host}/promoted`, ...config]);
    expect(await shown(`${registry.host}/promoted/alpha:v1.0.0`)).toEqual(wanted);
  },
);

good('sbom', 'reports where the lock pins another digest than the sources give', async ({ inProcess }) => {
  await using given = project();
  await runInProcess(['ensure', '--offline', '--config', given.config]);
  const pipeline = join(given.directory, 'pipelines/alpha.yaml');
  given.write('pipelines/alpha.yaml', readFileSync(pipeline, 'utf8').replace('hello', 'changed'));
  const ran = await inProcess(['alpha', '--config', given.config]);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(/^warning: alpha: .*sha256:.*sha256:/)]);
  expect((await inProcess(['alpha', '--config', given.config, '--quiet'])).stderr).toBe('');
});

bad('sbom', 'several documents to print, files, twins, unknown names and formats', async ({ inProcess }) => {
  await using given = project();
  const config = ['--config', given.config];
  const to = ['--to', join(given.directory, 'out')];
  for (const words of [
    config,
    [join(given.directory, 'pipelines/alpha.yaml')],
    ['alpha', 'alpha', ...to, ...config],
    ['alpa', ...config],
    ['alpha', '--format', 'swid', ...config],
    ['quay.io/acme/x'],
  ]) {
    expect((await inProcess(words)).code, words.join(' ')).toBe(2);
  }
  expect(existsSync(join(given.directory, 'out'))).toBe(false);
});

bad(
  'sbom',
  'to attach to a layout, to what no lock pins, and to what is not there',
  async ({ inProcess }) => {
    await using given = await pushedBundle();
    await using places = await samplePlaces(given.reference);
    const layout = await inProcess([places.all[0]!, '--attach', '-o', 'json']);
    expect([layout.code, JSON.parse(layout.stdout)]).toMatchObject([2, { error: { code: 'USAGE' } }]);
    await using unlocked = project();
    const ran = await inProcess(['alpha', '--attach', '--config', unlocked.config, '-o', 'json']);
    expect([ran.code, read(ran.stdout).bundles[0]?.error?.code]).toEqual([4, 'LOCK_STALE']);
    const [missing, there] = [given.reference.replace(':v1', ':v2'), given.reference];
    const both = await inProcess([missing, there, '--attach', '-o', 'json']);
    expect([
      both.code,
      read(both.stdout).bundles.map(({ error, referrer }) => error?.code ?? referrer?.action),
    ]).toEqual([3, ['NOT_FOUND', 'attached']]);
  },
);

bad(
  'sbom',
  'a registry that refuses every push or is not there, and a directory that is a file',
  async ({ inProcess }) => {
    await using given = await pushedBundle();
    given.registry.intercept = ({ method }) =>
      ['POST', 'PUT', 'PATCH'].includes(method)
        ? new Response('{"errors":[{"code":"DENIED"}]}', { status: 403 })
        : undefined;
    const denied = await inProcess([given.reference, '--attach']);
    expect([denied.code, denied.stdout]).toEqual([5, expect.stringContaining('error[REGISTRY_DENIED]')]);
    expect(await attachedTo(given.reference)).toEqual([]);
    expect((await inProcess(['127.0.0.1:1/acme/x:v1', '--timeout', '2'])).code).toBe(6);
    const file = join(given.project.directory, 'p.yaml');
    expect((await inProcess([given.reference, '--to', file])).code).toBe(9);
  },
);
