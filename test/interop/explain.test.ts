import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { mustRun } from '../support/program/run-cli.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('tkn', 'docker-registry');
const interop = test.skipIf(peers === undefined);
let registry: DockerRegistry;
let home: TempDir;

beforeAll(async () => {
  if (peers === undefined) return;
  registry = await startDockerRegistry({ program: peers['docker-registry'] });
  home = tempDir();
});

afterAll(async () => {
  await registry?.close();
  await home?.[Symbol.asyncDispose]();
});

const task = (name: string, image = 'busybox') =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {steps: [{name: s, image: "${image}"}]}\n`;

interface Case {
  readonly title: string;
  /** What tkn pushes; we push the files of `here`. */
  readonly there: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly zone?: string;
  readonly cause: string;
}

const here = { 'a.yaml': task('a'), 'b.yaml': task('b') };
const cases: readonly Case[] = [
  { title: 'the zone of its machine', there: here, zone: 'Europe/Berlin', cause: 'created-zone' },
  { title: 'a time', there: here, flags: ['--ctime', '2024-01-01'], cause: 'created' },
  { title: 'an annotation', there: here, flags: ['--annotate', 'a=1'], cause: 'annotation' },
  { title: 'a label', there: here, flags: ['--label', 'a=1'], cause: 'label' },
  { title: 'another value', there: { ...here, 'b.yaml': task('b', 'alpine') }, cause: 'content-changed' },
  { title: 'one file less', there: { 'a.yaml': task('a') }, cause: 'object-added' },
  {
    title: 'a null document',
    there: { ...here, 'b.yaml': `${task('b')}---\n# nothing\n` },
    cause: 'duplicate-document',
  },
];

interop.each(cases)(
  'explain names what tkn did otherwise: $title',
  async ({ there, flags = [], zone = 'UTC', cause }) => {
    const number = cases.findIndex((one) => one.cause === cause);
    const [ours, theirs] = ['ours', 'theirs'].map((name) => `${registry.host}/acme/${name}-${number}:v1`);
    const pushed = await runInProcess(['push', ours!, ...fileFlags(here)]);
    expect(pushed.code).toBe(0);
    await mustRun(peers!.tkn, ['bundle', 'push', theirs!, ...fileFlags(there), ...flags], {
      env: { HOME: home.path, TZ: zone },
    });
    const ran = await runInProcess(['explain', ours!, '--against', theirs!, '-o', 'json']);
    expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([0, { same: false, causes: [{ cause }] }]);
  },
);

function fileFlags(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([name, text]) => {
    const path = join(home.path, name);
    writeFileSync(path, text);
    return ['-f', path];
  });
}
