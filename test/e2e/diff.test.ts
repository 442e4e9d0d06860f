import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonpatch from 'fast-json-patch';
import { load } from 'js-yaml';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushedBundle, sampleTask } from '../support/registry/pushed-bundle.js';
import { samplePlaces } from '../support/samples/sample-places.js';
import { samplePipeline } from '../support/samples/sample-project.js';

/** A pushed bundle, and another in the same registry whose task was changed and whose pipeline was left out. */
async function twoBundles() {
  const given = await pushedBundle(['--annotate', 'a=1', '--annotate', 'b=1', '--label', 'l=1']);
  const { project, registry } = given;
  project.write(
    'changed.yaml',
    sampleTask.replace('image: busybox', 'image: "busybox:2"').replace('[-v]', '[-v, -x]'),
  );
  const other = `${registry.host}/acme/other:v2`;
  const file = join(project.directory, 'changed.yaml');
  await runInProcess(['push', other, '-f', file, '--annotate', 'a=2', '--annotate', 'c=1', '--label', 'l=1']);
  return { ...given, other, at: (name: string) => join(project.directory, name) };
}

interface Diff {
  readonly objects: { kind: string; patch: jsonpatch.Operation[]; unified: string }[];
}

good('diff', 'the same bundle in every kind of place', async ({ inProcess }) => {
  await using given = await pushedBundle();
  await using places = await samplePlaces(given.reference);
  for (const place of places.all) {
    const ran = await inProcess([given.reference, place]);
    expect([ran.code, ran.stdout]).toEqual([
      0,
      `identical: ${given.reference} and ${place} have one digest\n`,
    ]);
  }
});

good('diff', 'what differs, as JSON', async ({ inProcess }) => {
  await using given = await twoBundles();
  await inProcess([given.reference, given.reference]);
  const ran = await inProcess([given.reference, given.other, '-o', 'json']);
  const found = JSON.parse(ran.stdout) as Diff;
  found.objects.sort((left, right) => (left.kind < right.kind ? -1 : 1));
  const digest = expect.stringMatching(/^sha256:/);
  const side = { apiVersion: 'tekton.dev/v1beta1', layer: digest, diffId: digest };
  const unified = expect.stringContaining('@@');
  expect([ran.code, found]).toEqual([
    4,
    {
      version: 1,
      left: { name: given.reference, kind: 'place', digest: given.digest, index: null },
      right: { name: given.other, kind: 'place', digest, index: null },
      same: false,
      identical: false,
      objects: [
        {
          change: 'removed',
          kind: 'pipeline',
          name: 'workflow',
          left: { ...side, apiVersion: 'tekton.dev/v1' },
          right: null,
          patch: [{ op: 'remove', path: '' }],
          unified,
        },
        {
          change: 'changed',
          kind: 'task',
          name: 'build',
          left: side,
          right: side,
          patch: [
            { op: 'add', path: '/spec/params/0/default/1', value: '-x' },
            { op: 'replace', path: '/spec/steps/0/image', value: 'busybox:2' },
          ],
          unified,
        },
      ],
      annotations: [
        { op: 'replace', path: '/a', value: '2' },
        { op: 'remove', path: '/b' },
        { op: 'add', path: '/c', value: '1' },
      ],
      labels: [],
      notes: [],
      error: null,
    },
  ]);
  const task = load(sampleTask);
  const patched = jsonpatch.applyPatch(task, found.objects[1]!.patch).newDocument;
  expect(patched).toEqual(load(readFileSync(given.at('changed.yaml'), 'utf8')));
});

good('diff', 'a unified diff of YAML for people, in colours where they are wanted', async ({ inProcess }) => {
  await using given = await twoBundles();
  const words = [given.at('t.yaml'), given.at('changed.yaml')];
  const ran = await inProcess(words);
  expect([ran.code, ran.stdout]).toEqual([
    4,
    `changed task build
--- ${words[0]}
+++ ${words[1]}
@@ -6,8 +6,9 @@
   description: builds it
   params:
   - default:
     - -v
+    - -x
     name: flags
     type: array
   - description: what to build
     name: target
@@ -18,9 +19,9 @@
     name: s
   stepTemplate:
     image: docker.io/library/busybox@sha256:${'a'.repeat(64)}
   steps:
-  - image: busybox
+  - image: busybox:2
     name: a
   - image: $(params.target)
   workspaces:
   - name: source

different: ${words[0]} and ${words[1]}, in 1 of 1 object
`,
  ]);
  const coloured = await inProcess(words, { environment: { FORCE_COLOR: '1' } });
  expect(coloured.stdout).toContain('\u001b[32m+    - -x\u001b[39m');
  expect(coloured.stdout).toContain('\u001b[31m-  - image: busybox\u001b[39m');
  expect((await inProcess([...words, '--no-color'], { environment: { FORCE_COLOR: '1' } })).stdout).toBe(
    ran.stdout,
  );
  expect((await inProcess([given.reference, given.reference])).code).toBe(0);
});

good('diff', 'formatting, order and time as notes', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { project, registry } = given;
  const at = (name: string) => join(project.directory, name);
  project.write('t.json', JSON.stringify(load(sampleTask), null, 1));
  project.write('p2.yaml', `# a comment changes the order of the layers\n${samplePipeline('pushed')}`);
  const other = `${registry.host}/acme/other:v1`;
  await runInProcess(['push', other, '-f', at('t.json'), '-f', at('p2.yaml'), '--ctime', '2024-01-01']);
  const ran = await inProcess([given.reference, other, '-o', 'json']);
  const { same, identical, notes } = JSON.parse(ran.stdout) as Record<string, unknown>;
  expect([ran.code, same, identical]).toEqual([0, true, false]);
  expect(notes).toEqual(
    expect.arrayContaining([
      'task build is written in other bytes, with the same values',
      'created: 1970-01-01T00:00:00Z on the left, 2024-01-01T00:00:00Z on the right',
    ]),
  );
});

good('diff', 'files, a directory and standard input', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { directory } = given.project;
  const file = join(directory, 't.yaml');
  expect((await inProcess([file, '-'], { input: sampleTask })).code).toBe(0);
  given.project.write('both/p.yaml', samplePipeline('pushed'));
  given.project.write('both/t.yml', sampleTask);
  const ran = await inProcess([given.reference, join(directory, 'both')]);
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/^same: .* mean the same, 2 objects\n$/)]);
});

good('diff', 'a declared bundle against its registry', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { project, registry } = given;
  project.write(
    'bundles.yaml',
    `version: 1\nrepository: ${registry.host}/acme\ntag: v1\nbundles:\n  pushed:\n    files: [p.yaml, t.yaml]\n`,
  );
  const config = ['--config', join(project.directory, 'bundles.yaml')];
  const same = await inProcess(['pushed', ...config]);
  expect([same.code, same.stdout]).toEqual([0, `identical: ${given.reference} and pushed have one digest\n`]);
  project.write('p.yaml', samplePipeline('changed'));
  const changed = await inProcess(['pushed', ...config]);
  expect(changed.code).toBe(4);
  expect(changed.stdout).toContain('-  description: pushed\n+  description: changed\n');
  const named = JSON.parse((await inProcess([given.reference, 'pushed', ...config, '-o', 'json'])).stdout);
  expect(named).toMatchObject({ right: { name: 'pushed', kind: 'declared' }, same: false });
});

bad('diff', 'one side that is not a declared bundle, an undeclared name, nothing', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const file = join(given.project.directory, 't.yaml');
  expect((await inProcess([file])).code).toBe(2);
  expect((await inProcess(['-', '-'])).code).toBe(2);
  expect((await inProcess([])).code).toBe(2);
  const ran = await inProcess(['pushd', file, '--config', given.project.config]);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
});

bad('diff', 'a side that is missing, broken or denied, also as JSON', async ({ inProcess }) => {
  await using given = await pushedBundle();
  const { directory } = given.project;
  const file = join(directory, 't.yaml');
  expect((await inProcess([file, join(directory, 'none.yaml')])).code).toBe(7);
  expect((await inProcess([file, given.reference.replace(':v1', ':v9')])).code).toBe(3);
  given.project.write('broken.yaml', 'kind: [');
  const ran = await inProcess([file, join(directory, 'broken.yaml'), '-o', 'json']);
  expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([7, { error: { code: 'YAML_INVALID' } }]);
  await using closed = await startGuardedRegistry({ anonymous: 'nothing' });
  expect((await inProcess([file, `${closed.host}/acme/x:v1`])).code).toBe(5);
});
