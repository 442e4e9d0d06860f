import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildBundle } from '../../src/bundle/build-bundle.js';
import { loadBuiltBundle } from '../../src/bundle/load-bundle.js';
import { createSbom } from '../../src/signing/sbom/sbom.js';
import { sbomEndings, sbomFormats } from '../../src/signing/sbom/sbom-types.js';
import { findImages } from '../../src/tekton/images/source-images.js';
import { readSources } from '../../src/tekton/sources/read-sources.js';
import { findPeers } from '../support/peers.js';
import { mustRun } from '../support/program/run-cli.js';
import { corpusFiles } from '../support/random/corpus.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('sbom-judge');
const files = corpusFiles();
const interop = test.skipIf(peers === undefined);

interface Judged {
  readonly file: string;
  readonly problems: readonly string[];
}

async function judge(directory: string): Promise<Judged[]> {
  const lines = await mustRun(peers!['sbom-judge'], [directory]);
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Judged);
}

/** Writes both documents of a bundle made of one source. */
async function write(directory: string, name: string, source: Uint8Array): Promise<void> {
  const { objects } = readSources([{ path: name, bytes: source }]);
  const bundle = await loadBuiltBundle(buildBundle(objects));
  for (const format of sbomFormats) {
    const repository = { registry: 'quay.io', repository: `corpus/${name}` };
    const { bytes } = createSbom(bundle, { format, repository });
    writeFileSync(join(directory, `${name}${sbomEndings[format]}`), bytes);
  }
}

test.skipIf(peers === undefined || files.length === 0)(
  'spdx-tools and the strict validator of CycloneDX accept both documents of every bundle of the corpus',
  async () => {
    await using directory = tempDir();
    for (const [index, file] of files.entries())
      await write(directory.path, `file-${index}`, readFileSync(file));
    const judged = await judge(directory.path);
    expect([judged.length, judged.filter(({ problems }) => problems.length > 0)]).toEqual([
      2 * files.length,
      [],
    ]);
    const withoutImages = files.filter((path, index) => {
      const { packages } = JSON.parse(
        readFileSync(join(directory.path, `file-${index}.spdx.json`), 'utf8'),
      ) as {
        packages: { SPDXID: string }[];
      };
      const isShown = packages.some(({ SPDXID }) => /^SPDXRef-(?:Image|NestedBundle)-/.test(SPDXID));
      return isShown !== findImages({ path, bytes: readFileSync(path) }).length > 0;
    });
    expect(withoutImages).toEqual([]);
  },
);

interop('they accept names that no image has, and refuse a document that is spoilt', async () => {
  await using directory = tempDir();
  const images = [
    '$(params.x)',
    'UPPER',
    ' ',
    '\u202e\n"<',
    `a@sha512:${'b'.repeat(128)}`,
    'localhost:5000/A',
    '[::1]:1/a',
  ];
  const object = {
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { name: 'odd', labels: { 'app.kubernetes.io/version': '\u0085' } },
    spec: { steps: images.map((image) => ({ image })) },
  };
  await write(directory.path, 'odd', Buffer.from(JSON.stringify(object)));
  expect(await judge(directory.path)).toEqual([
    { file: 'odd.cdx.json', problems: [] },
    { file: 'odd.spdx.json', problems: [] },
  ]);
  for (const [ending, from, to] of [
    ['.spdx.json', '"SPDX-2.3"', '"SPDX-9"'],
    ['.cdx.json', '"container"', '"no-type"'],
  ] as const) {
    const path = join(directory.path, `odd${ending}`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  }
  expect((await judge(directory.path)).map(({ problems }) => problems.length > 0)).toEqual([true, true]);
});
