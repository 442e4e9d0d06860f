import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { mustRun, run, runCli } from '../support/program/run-cli.js';
import { type DockerRegistry, startDockerRegistry } from '../support/registry/docker-registry.js';
import { sharedPath, testWithShared } from '../support/shared.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';
import { inputBytes, type VectorInput } from '../vectors/cases/byte-rules.mjs';

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

interop('tkn and we give the same files the same digest', async () => {
  const files = sampleFiles();
  const differing: object[] = [];
  let pushed = 0;
  for (const [index, file] of files.entries()) {
    const theirs = await pushByTkn(`${registry.host}/tkn/file:${index}`, ['-f', file]);
    const ours = await pushByUs(`${registry.host}/ours/file:${index}`, ['-f', file]);
    if (theirs !== ours) differing.push({ file, theirs, ours });
    if (theirs?.startsWith('sha256:')) pushed++;
  }
  expect(differing).toEqual([]);
  expect(pushed).toBeGreaterThanOrEqual(30);
});

interop('tkn and we give the same flags the same digest', async () => {
  const task = write('flags.yaml', 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: flags}\n');
  const flagSets = [
    ['--annotate', 'a=1', '--annotate', 'b=2'],
    ['--annotate', 'a=1,b=2'],
    ['--annotate', '"a=1,2"'],
    ['--annotate', '"a=say ""x"""'],
    ['--annotate', ' a = 1 '],
    ['--annotate', 'a=b=c', '--annotate', 'a=<&>'],
    ['--annotate', 'a='],
    ['--label', 'quay.expires-after=2w', '--label', 'x=1,y=2'],
    ['--ctime', '2024-02-29'],
    ['--ctime', '2024-02-29T12:00:00'],
    ['--ctime', '2024-02-29T12:00:00.120+05:30'],
    ['--label', 'l=1', '--annotate', 'a=1', '--ctime', '1969-12-31T19:00:00-05:00'],
  ];
  for (const [index, flags] of flagSets.entries()) {
    const theirs = await pushByTkn(`${registry.host}/tkn/flags:${index}`, ['-f', task, ...flags]);
    const ours = await pushByUs(`${registry.host}/ours/flags:${index}`, ['-f', task, ...flags]);
    expect({ flags, digest: ours }).toEqual({ flags, digest: theirs });
    expect(theirs, String(flags)).toMatch(/^sha256:/);
  }
});

interop('the bundles of our vectors have the digest of tkn', async () => {
  const path = new URL('../vectors/bundles.jsonl', import.meta.url);
  for (const [index, line] of readFileSync(path, 'utf8').trim().split('\n').entries()) {
    const vector = JSON.parse(line) as BundleVector;
    const reference = `${registry.host}/ours/vector:${index}`;
    const files = vector.inputs.flatMap((input, at) => [
      '-f',
      write(`${index}-${at}.yaml`, inputBytes(input)),
    ]);
    const flags = [
      ...pairs('--annotate', vector.annotations),
      ...pairs('--label', vector.labels),
      ...(vector.ctime ? ['--ctime', vector.ctime] : []),
      ...(vector.compat ? ['--tkn-compat'] : []),
    ];
    const env: Record<string, string> = vector.epoch === undefined ? {} : { SOURCE_DATE_EPOCH: vector.epoch };
    const digest = await pushByUs(reference, [...files, ...flags], env);
    expect({ rule: vector.rule, digest }).toEqual({ rule: vector.rule, digest: vector.digest });
  }
});

interop('tkn lists what we pushed', async () => {
  const reference = `${registry.host}/ours/list:v1`;
  const path = write(
    'list.yaml',
    'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: one}\n---\napiVersion: tekton.dev/v1beta1\nkind: StepAction\nmetadata: {name: two}\nspec: {image: busybox}\n',
  );
  await pushByUs(reference, ['-f', path]);
  const listed = await mustRun(tkn(), ['bundle', 'list', reference], { env: environment() });
  expect(listed.trim().split('\n').sort()).toEqual(['stepaction.tekton.dev/two', 'task.tekton.dev/one']);
  const ours = await runCli(['list', reference], { env: environment() });
  expect(ours.stdout.trim().split('\n').sort()).toEqual(['stepaction.tekton.dev/two', 'task.tekton.dev/one']);
});

interop('we list what tkn pushed', async () => {
  const reference = `${registry.host}/tkn/list:v1`;
  const path = write('theirs.yaml', 'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: three}\n');
  await pushByTkn(reference, ['-f', path]);
  const listed = await runCli(['list', reference], { env: environment() });
  expect({ code: listed.code, stdout: listed.stdout.trim() }).toEqual({
    code: 0,
    stdout: 'pipeline.tekton.dev/three',
  });
});

const interopWithShared = peers === undefined ? test.skip : testWithShared('vectors/seed-bundles.json');

interopWithShared('tkn and we give the published bundles the digests they were published with', async () => {
  const { bundles } = JSON.parse(readFileSync(sharedPath('vectors/seed-bundles.json'), 'utf8')) as {
    bundles: SeedBundle[];
  };
  expect(bundles.length).toBe(2);
  for (const [index, bundle] of bundles.entries()) {
    const file = sharedPath(`upstream/seed-fixtures/${bundle.source}`);
    const published = ['-f', file, '--ctime', bundle.created];
    expect(await pushByTkn(`${registry.host}/tkn/seed:${index}`, published)).toBe(bundle.digest);
    expect(await pushByUs(`${registry.host}/ours/seed:${index}`, published)).toBe(bundle.digest);
    const utc = bundle.digestWhenCreatedIsEpochUtc;
    expect(await pushByTkn(`${registry.host}/tkn/seed:${index}-utc`, ['-f', file])).toBe(utc);
    expect(await pushByUs(`${registry.host}/ours/seed:${index}-utc`, ['-f', file])).toBe(utc);
  }
});

interface BundleVector {
  readonly rule: string;
  readonly inputs: readonly VectorInput[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ctime?: string;
  readonly epoch?: string;
  readonly compat?: boolean;
  readonly digest: string;
}

interface SeedBundle {
  readonly source: string;
  readonly created: string;
  readonly digest: string;
  readonly digestWhenCreatedIsEpochUtc: string;
}

/** Real files of public catalogs where they lie beside the repository, else the inputs of our own vectors. */
function sampleFiles(): string[] {
  const corpus = sharedPath('corpus');
  if (existsSync(corpus)) {
    const all = readdirSync(corpus, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    return all.filter((_, index) => index % 8 === 0);
  }
  console.warn('notice: ../shared/corpus is not on this machine; our own vectors stand in for it');
  const lines = readFileSync(new URL('../vectors/sources.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return lines
    .map((line) => JSON.parse(line) as { inputs: VectorInput[]; ours?: string; objects?: object[] })
    .filter(
      ({ inputs, ours, objects = [] }) => inputs.length === 1 && ours === undefined && objects.length > 0,
    )
    .map(({ inputs }, index) => write(`sample-${index}.yaml`, inputBytes(inputs[0]!)));
}

/** The digest that tkn pushed, or `refused`. */
async function pushByTkn(reference: string, args: readonly string[]): Promise<string | undefined> {
  const ran = await run(tkn(), ['bundle', 'push', reference, ...args], { env: environment() });
  if (ran.code !== 0) return 'refused';
  return /@(sha256:[0-9a-f]{64})/.exec(ran.stdout)?.[1];
}

/** The digest that the registry holds after our push, or `refused`. */
async function pushByUs(
  reference: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const ran = await runCli(['push', reference, ...args], { env: { ...environment(), ...env } });
  if (ran.code === 7) return 'refused';
  if (ran.code !== 0)
    throw new Error(`bundles push ${reference} ${args.join(' ')}: ${ran.code}\n${ran.stderr}`);
  const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(reference)!;
  const response = await fetch(`${registry.url}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
  });
  return response.headers.get('docker-content-digest') ?? undefined;
}

/** tkn reads each value of these flags as a line of CSV. */
function pairs(flag: string, map: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(map).flatMap(([key, value]) => [
    flag,
    `"${`${key}=${value}`.replaceAll('"', '""')}"`,
  ]);
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(home.path, name);
  writeFileSync(path, content);
  return path;
}

function environment(): Record<string, string> {
  return { HOME: home.path, TZ: 'UTC' };
}

function tkn(): string {
  return peers!.tkn;
}
