import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom, testSeed } from '../../../test/support/random/seeded-random.js';
import { tempDir } from '../../../test/support/temp-dir.js';
import { digestOf } from '../../oci/digest.js';
import type { ReferencedBundles } from './find-references.js';
import { updateFiles, writeUpdates } from './update-files.js';
import { updateReferences } from './update-references.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const digest = (of: string) => digestOf(bytes(of));
const old = digest('old');
const now = digest('hello');
const bundles: ReferencedBundles = new Map([
  ['quay.io/acme/hello', [{ name: 'hello', tag: 'v2.0.0', digest: now }]],
  ['[::1]:5000/acme/six', [{ name: 'six', tag: 'v6', digest: digest('six') }]],
  ['docker.io/acme/hub', [{ name: 'hub', tag: 'v3', digest: digest('hub') }]],
  [
    'quay.io/acme/task-git',
    [
      { name: 'git-0.1', tag: '0.1', digest: digest('git-0.1') },
      { name: 'git-0.2', tag: '0.2', digest: digest('git-0.2') },
    ],
  ],
]);
const update = (text: string, options = {}) => {
  const { bytes: after, known: _, ...rest } = updateReferences(bytes(text), bundles, options);
  return { text: Buffer.from(after).toString(), ...rest };
};
const hello = `quay.io/acme/hello:v2.0.0@${now}`;

test.each([
  [`quay.io/acme/hello:v1.0.0@${old}`, hello],
  [`quay.io/acme/hello@${old}`, hello],
  [`docker://quay.io/acme/hello:v1@${old}`, `docker://${hello}`],
  [`image=quay.io/acme/hello:v1@${old}, next`, `image=${hello}, next`],
  [`See quay.io/acme/hello:v1@${old}.`, `See ${hello}.`],
  [`"[quay.io/acme/hello:v1@${old}, git-clone]"`, `"[${hello}, git-clone]"`],
  [`'QUAY.io/acme/hello:v1@${old}'`, `'QUAY.io/acme/hello:v2.0.0@${now}'`],
  [`acme/hub:v1@${old}`, `acme/hub:v3@${digest('hub')}`],
  [`index.docker.io/acme/hub@${old}`, `index.docker.io/acme/hub:v3@${digest('hub')}`],
  [`[::1]:5000/acme/six:v1@${old}`, `[::1]:5000/acme/six:v6@${digest('six')}`],
  [`quay.io/acme/task-git:0.1@${old}`, `quay.io/acme/task-git:0.1@${digest('git-0.1')}`],
  [`quay.io/acme/task-git@${digest('git-0.2')}`, `quay.io/acme/task-git:0.2@${digest('git-0.2')}`],
])('updateReferences() brings %s to the lock', (text, wanted) => {
  const { text: after, updated } = update(text);
  expect([after, updated.length]).toEqual([wanted, 1]);
  expect(update(after)).toMatchObject({ text: after, updated: [], left: [] });
});

test.each([
  hello,
  'quay.io/acme/hello:v2.0.0',
  'quay.io/acme/hello',
  `quay.io/acme/hello-world:v1@${old}`,
  `quay.io/acme/hello/more:v1@${old}`,
  `mirror.io/quay.io/acme/hello:v1@${old}`,
  `quay.io/other/hello:v1@${old}`,
  `quay.io/acme/hello:v1@${old}ff`,
  `quay.io/acme/hello:v1@${old.slice(0, -1)}`,
  'https://quay.io/repository/acme/hello?tab=tags',
])('updateReferences() leaves %s', (text) => {
  expect(update(text)).toEqual({ text, updated: [], left: [] });
});

test('a tag alone stays unless it is to be pinned, and a tag that several bundles could mean stays', () => {
  const text = `é quay.io/acme/hello:v1\nx: quay.io/acme/task-git:9@${old}`;
  const ambiguous = { line: 2, column: 4, reference: `quay.io/acme/task-git:9@${old}`, reason: 'ambiguous' };
  expect(update(text)).toEqual({
    text,
    updated: [],
    left: [{ line: 1, column: 3, reference: 'quay.io/acme/hello:v1', reason: 'unpinned' }, ambiguous],
  });
  expect(update(text, { pin: true })).toEqual({
    text: text.replace('quay.io/acme/hello:v1', hello),
    updated: [{ line: 1, column: 3, bundle: 'hello', from: 'quay.io/acme/hello:v1', to: hello }],
    left: [ambiguous],
  });
});

test('fields that belong together are updated together: kustomizations and the digests of workflows', () => {
  const kustomization = (tag: string, value: string) =>
    `images:\r\n- name: app # ours\r\n  newName: quay.io/acme/hello\r\n  newTag: "${tag}"\r\n  digest: ${value}\r\n- name: nginx\r\n  newTag: v1\r\n  digest: ${old}\r\n`;
  const path = 'deploy/kustomization.yaml';
  expect(update(kustomization('v1', old), { path }).text).toBe(kustomization('v2.0.0', now));
  expect(update(kustomization('v1', old), { path: 'other.yaml' }).updated).toEqual([]);
  expect(update('images:\n- name: quay.io/acme/hello\n  newTag: v1\n', { path }).left).toMatchObject([
    { line: 2, reason: 'unpinned' },
  ]);
  const workflow = (bundle: string, value: string) =>
    `execution:\n  engine: tekton\n  bundle: ${bundle}\n  bundleDigest: ${value}\n`;
  expect(update(workflow(`quay.io/acme/hello:v1@${old}`, old)).text).toBe(workflow(hello, now));
  expect(update(workflow('quay.io/acme/hello:v1', old.slice(7)))).toMatchObject({
    text: workflow('quay.io/acme/hello:v2.0.0', now.slice(7)),
    left: [],
  });
  const shared = `a: &d ${old}\nexecution: {bundle: "${hello}", bundleDigest: *d}\n`;
  expect(update(shared).text).toBe(shared.replace('*d', now));
});

test.each([
  `${':'.repeat(1024 * 1024)}a`,
  `quay.io/acme/hello${':/'.repeat(512 * 1024)}!`,
  '[a'.repeat(512 * 1024),
  `bundleDigest: 1\na: &a [x]\n${Array.from({ length: 40 }, (_, n) => `b${n}: &b${n} [*${n === 0 ? 'a' : `b${n - 1}`}, *${n === 0 ? 'a' : `b${n - 1}`}]`).join('\n')}\n`,
])('a text made to take long is read in no time', (text) => {
  expect(update(text, { path: 'kustomization.yaml' })).toEqual({ text, updated: [], left: [] });
});

/** Texts around references in the forms in which people write them. */
const forms: readonly ((reference: string) => string)[] = [
  (one) => `taskRef:\n  resolver: bundles\n  params:\n  - {name: bundle, value: ${one}}\n`,
  (one) => `pipelineRef:\n  bundle: "${one}" # keep\n  name: x\n`,
  (one) => `metadata:\n  annotations:\n    pipelinesascode.tekton.dev/task-1: "[${one}, git-clone]"\n`,
  (one) => `x: &ref '${one}'\ny: *ref\n`,
  (one) => `{"execution": {"engine": "tekton", "bundle": "${one}"}}\n`,
  (one) => `run: |\n  skopeo inspect docker://${one} \\\n    --raw\n`,
  (one) => `BUNDLE=${one}\n`,
  (one) => `| bundle | ${one} |\n`,
  (one) => `<!-- ${one} -->\n`,
];
const strangers = [
  `quay.io/acme/hello-2:v1@${old}`,
  `ghcr.io/acme/hello:v1@${old}`,
  `${old}`,
  'ünïcödé ☂ \u2028',
];

test('200 files with references in every form keep every byte but those of the references', async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  await using directory = tempDir();
  const wanted = new Map<string, Buffer>();
  for (let number = 0; number < 200; number++) {
    const written: string[] = [];
    const expected: string[] = [];
    for (let part = 0; part < 1 + random() * 6; part++) {
      const tag = pick(['', ':v1.0.0', ':latest', ':v2.0.0']);
      const form = random() < 0.2 ? undefined : pick(forms);
      const other = `# ${pick(strangers)}\n`;
      written.push(form?.(`quay.io/acme/hello${tag}@${pick([old, now])}`) ?? other);
      expected.push(form?.(hello) ?? other);
    }
    const ends = pick(['\n', '\r\n', '\r\n']);
    const encode = (parts: readonly string[]) =>
      Buffer.from(
        (pick(['', '']) + parts.join('---\n')).replaceAll('\n', ends),
        // A text of another time, in which not every byte is UTF-8.
        number % 10 === 0 ? 'latin1' : 'utf8',
      );
    const path = join(
      directory.path,
      pick(['.tekton', 'deploy/base', 'docs']),
      `${number}.${pick(['yaml', 'md', 'sh'])}`,
    );
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, encode(written), { mode: number % 3 === 0 ? 0o755 : 0o644 });
    wanted.set(path, encode(expected));
  }
  const request = { root: directory.path, paths: [directory.path], leaveOut: [], bundles, pin: false };
  const { files } = await updateFiles(request);
  await writeUpdates(files);
  for (const [path, content] of wanted)
    expect(readFileSync(path).equals(content), `${path}, BUNDLES_TEST_SEED=${seed}`).toBe(true);
  expect(statSync(join([...wanted.keys()][0] ?? '')).mode & 0o777).toBe(0o755);
  expect((await updateFiles(request)).files).toEqual([]);
  expect(files.length).toBeGreaterThan(100);
});

test('nothing is read through links, in .git, in other repositories, in binary files and beyond the size limit', async () => {
  await using outside = tempDir();
  await using directory = tempDir();
  const stale = `quay.io/acme/hello:v1@${old}\n`;
  const put = (path: string, content: string | Uint8Array = stale) => {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), content);
  };
  writeFileSync(join(outside.path, 'stranger'), stale);
  for (const path of ['.git/config', 'node_modules/x', 'sub/.git', 'sub/a', 'owned/a', 'seen', '.github/a'])
    put(path);
  for (const path of ['built/hello/oci-layout', 'built/hello/blobs/sha256/a']) put(path);
  put('binary', `\0${stale}`);
  put('large', stale + ' '.repeat(1024 * 1024));
  symlinkSync(outside.path, join(directory.path, 'link'));
  symlinkSync(join(outside.path, 'stranger'), join(directory.path, 'file'));
  symlinkSync('seen', join(directory.path, 'again'));
  const base = { root: directory.path, leaveOut: [join(directory.path, 'owned')], bundles, pin: false };
  const { files, skipped } = await updateFiles({
    ...base,
    paths: [directory.path, join(directory.path, 'seen')],
  });
  expect(files.map(({ relativePath }) => relativePath)).toEqual(['.github/a', 'seen']);
  expect(skipped).toEqual({ links: 3, binary: 1, large: 1 });
  for (const path of ['link', 'file', '.git/config', '..']) {
    const paths = [join(directory.path, path)];
    await expect(updateFiles({ ...base, paths })).rejects.toMatchObject({ code: 'USAGE' });
  }
  const paths = [join(directory.path, 'none')];
  await expect(updateFiles({ ...base, paths })).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});
