import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openSourceLocation } from '../../src/content/open-location.js';
import { verifyImage } from '../../src/content/verify-image.js';
import { parseImageLocation } from '../../src/oci/image-location.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { pushedBundle } from '../support/registry/pushed-bundle.js';
import { samplePlaces } from '../support/samples/sample-places.js';
import { sampleProject } from '../support/samples/sample-project.js';

const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
const project = () => sampleProject({ repository: 'quay.io/acme', bundles: ['alpha', 'beta'] });
const formats = ['oci-archive', 'docker-archive', 'layout'] as const;

interface Exported {
  readonly bundles: {
    name: string;
    digest: string;
    built: string;
    fileDigest: string | null;
    path: string;
  }[];
}

good('export', 'declared bundles in every format, offline, as JSON', async ({ inProcess }) => {
  await using given = project();
  for (const format of formats) {
    const to = join(given.directory, format);
    const words = ['--format', format, '--to', to, '--config', given.config];
    const ran = await inProcess([...words, '-o', 'json']);
    const path = (name: string) => join(to, format === 'layout' ? name : `${name}.tar`);
    const wanted = (name: string) => ({
      name,
      reference: `quay.io/acme/${name}:v1.0.0`,
      tag: 'v1.0.0',
      built: digest,
      digest,
      fileDigest: format === 'layout' ? null : digest,
      attached: 0,
      format,
      mediaTypes: 'docker',
      path: path(name),
    });
    expect([ran.code, ran.stderr, JSON.parse(ran.stdout)]).toEqual([
      0,
      '',
      { version: 1, bundles: ['alpha', 'beta'].map(wanted), error: null },
    ]);
    const kind = format === 'layout' ? 'oci' : format;
    const listed = await runInProcess(['inspect', `${kind}:${path('alpha')}:v1.0.0`, '-o', 'json']);
    const { bundles } = JSON.parse(ran.stdout) as Exported;
    expect(JSON.parse(listed.stdout)).toMatchObject({
      digest: bundles[0]!.built,
      origin: { match: 'exact' },
    });
  }
});

good('export', 'the same bytes twice, and nothing else in the directory', async ({ inProcess }) => {
  await using given = project();
  for (const format of ['oci-archive', 'docker-archive']) {
    const [one, other] = ['one', 'other'].map((name) => join(given.directory, format, name));
    for (const to of [one!, other!, other!]) {
      const words = ['alpha', '--format', format, '--to', to, '--config', given.config];
      expect((await inProcess(words)).stdout).toMatch(/^alpha sha256:[0-9a-f]{64} .*alpha\.tar\n$/);
    }
    expect(readdirSync(other!)).toEqual(['alpha.tar']);
    expect(readFileSync(join(one!, 'alpha.tar')).equals(readFileSync(join(other!, 'alpha.tar')))).toBe(true);
  }
});

good('export', 'what a registry, a layout or an archive holds', async ({ inProcess }) => {
  await using given = await pushedBundle(['--annotate', 'a=1']);
  await using places = await samplePlaces(given.reference);
  for (const [index, place] of [given.reference, ...places.all].entries()) {
    for (const format of formats) {
      const to = join(places.directory, `${index}-${format}`);
      const ran = await inProcess([place, '--format', format, '--to', to, '-o', 'json']);
      const { bundles } = JSON.parse(ran.stdout) as Exported;
      expect(bundles).toMatchObject([{ built: given.digest, digest: given.digest }]);
      const kind = format === 'layout' ? 'oci' : format;
      const written = parseImageLocation(`${kind}:${bundles[0]!.path}`);
      const source = await openSourceLocation(written, {
        repository: () => Promise.reject(new Error('none')) as never,
      });
      const report = await verifyImage(source.store, source.wanted);
      expect([report.descriptor.digest, report.unproven]).toEqual([given.digest, []]);
    }
  }
});

good('export', 'in the media types of OCI, and reports that the digest changes', async ({ inProcess }) => {
  await using given = project();
  const to = join(given.directory, 'out');
  const words = ['alpha', '--format', 'oci-archive', '--to', to, '--config', given.config];
  const ran = await inProcess([...words, '--media-types', 'oci', '-o', 'json']);
  const { bundles } = JSON.parse(ran.stdout) as Exported;
  const [{ built, digest: written, path }] = bundles as [Exported['bundles'][0]];
  expect(written).not.toBe(built);
  expect(ran.stderr).toContain(
    `warning: alpha: OCI media types give another digest, ${written} instead of ${built}`,
  );
  const explained = await runInProcess([
    'explain',
    'alpha',
    '--against',
    `oci-archive:${path}`,
    '--config',
    given.config,
    '-o',
    'json',
  ]);
  expect((JSON.parse(explained.stdout) as { causes: object[] }).causes).toMatchObject([
    { cause: 'media-types' },
  ]);
  expect((await runInProcess(['diff', 'alpha', `oci-archive:${path}`, '--config', given.config])).code).toBe(
    0,
  );
  expect((await inProcess([...words, '--media-types', 'oci', '--quiet'])).stderr).toBe('');
});

good(
  'export',
  'with referrers and signature tags, which are read again without a tag',
  async ({ inProcess }) => {
    await using given = await pushedBundle();
    const { reference, registry } = given;
    await runInProcess(['sbom', reference, '--attach']);
    // As cosign keeps signatures: at a tag that is derived from the digest.
    const signature = reference.replace(/:v1$/, `:${given.digest.replace(':', '-')}.sig`);
    await runInProcess(['push', signature, '-f', join(given.project.directory, 't.yaml')]);
    const attached = async (place: string) => {
      const { stdout } = await runInProcess(['inspect', place, '-o', 'json']);
      const found = JSON.parse(stdout) as { digest: string; attached: { kind: string; digest: string }[] };
      return { digest: found.digest, attached: found.attached.map((one) => `${one.kind} ${one.digest}`) };
    };
    const there = await attached(reference);
    expect(there.attached.map((line) => line.split(' ')[0])).toEqual(['sbom', 'signature']);
    for (const format of ['oci-archive', 'layout'] as const) {
      const to = join(given.project.directory, format);
      const ran = await inProcess([reference, '--format', format, '--to', to, '--referrers', '-o', 'json']);
      const { bundles } = JSON.parse(ran.stdout) as Exported & { bundles: { attached: number }[] };
      expect(bundles).toMatchObject([{ digest: given.digest, attached: 2 }]);
      const place = `${format === 'layout' ? 'oci' : format}:${bundles[0]!.path}`;
      expect([await attached(place), await attached(`${place}:v1`)]).toEqual([there, there]);
      // And back to a registry, as it was.
      await runInProcess(['copy', place, `${registry.host}/back/${format}:v1`]);
      expect(await attached(`${registry.host}/back/${format}:v1`)).toEqual(there);
    }
    await using declaring = sampleProject({ repository: `${registry.host}/declared` });
    const config = ['--config', declaring.config];
    await runInProcess(['ensure', '--push', ...config]);
    await runInProcess(['sbom', 'alpha', '--attach', ...config]);
    const to = ['--to', join(declaring.directory, 'out')];
    const declared = await inProcess([
      'alpha',
      '--format',
      'layout',
      '--referrers',
      ...to,
      ...config,
      '-o',
      'json',
    ]);
    expect(JSON.parse(declared.stdout)).toMatchObject({ bundles: [{ name: 'alpha', attached: 1 }] });
  },
);

bad('export', 'referrers where they cannot be, or of what no lock pins', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const to = ['--to', join(given.project.directory, 'out'), '--referrers'];
  for (const words of [
    ['--format', 'docker-archive'],
    ['--format', 'oci-archive', '--media-types', 'oci'],
  ]) {
    expect((await inProcess([given.reference, ...words, ...to])).code).toBe(2);
  }
  await using unlocked = project();
  const ran = await inProcess(['alpha', '--format', 'layout', ...to, '--config', unlocked.config]);
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('error[LOCK_STALE]')]);
  expect(existsSync(join(given.project.directory, 'out'))).toBe(false);
});

bad('export', 'no format, no directory, files, unknown names and two of one name', async ({ inProcess }) => {
  await using given = project();
  const { config, directory } = given;
  const to = ['--to', join(directory, 'out')];
  const format = ['--format', 'oci-archive'];
  expect((await inProcess(['alpha', ...to, '--config', config])).code).toBe(2);
  expect((await inProcess(['alpha', ...format, '--config', config])).code).toBe(2);
  expect((await inProcess(['alpha', '--format', 'zip', ...to, '--config', config])).code).toBe(2);
  const unknown = await inProcess(['alpa', ...format, ...to, '--config', config]);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  const file = await inProcess([join(directory, 'pipelines/alpha.yaml'), ...format, ...to]);
  expect([file.code, file.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  const twice = await inProcess(['alpha', 'alpha', ...format, ...to, '--config', config, '-o', 'json']);
  expect([twice.code, JSON.parse(twice.stdout)]).toMatchObject([2, { error: { code: 'USAGE' } }]);
});

bad('export', 'a directory that is a file, and a source that is broken', async ({ inProcess }) => {
  await using given = project();
  const { config, directory } = given;
  const to = (name: string) => [
    '--format',
    'docker-archive',
    '--to',
    join(directory, name),
    '--config',
    config,
  ];
  expect((await inProcess(['alpha', ...to('bundles.yaml')])).code).toBe(9);
  given.write('pipelines/alpha.yaml', 'kind: [');
  expect((await inProcess(['alpha', ...to('out')])).code).toBe(7);
  expect(readdirSync(directory)).not.toContain('out');
});
