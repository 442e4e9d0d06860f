import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { type StartedRegistry, startRegistry } from '../../src/testing/start-registry.js';
import { documentPages, isReferenceExample, readFences } from '../support/documents/fences.js';
import { runCli } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '..', '..');

/** Examples that need a server's end, a terminal, a cluster, an engine, a CI service or a key of their own; the tests of their commands run them so. */
const elsewhere: readonly RegExp[] = [
  /^up\b/,
  /^(?:registry|catalog) serve\b/,
  /^registry deploy --context/,
  /^images (?:ensure|prune|ps)\b/,
  /^login quay\.io -u/,
  /^with\b/,
  /--key \/etc\/keys/,
  /^(?:register|report)\b/,
  /^release\b/,
  /^update-refs --pull-request/,
  /--keyless/,
  /^attest --key cosign\.key$/,
];

/** The exit status of those whose answer is not 0 in this project. */
const statuses: readonly (readonly [RegExp, number])[] = [
  [/^diff quay\S+ quay/, 4],
  [/^lint .*--max-warnings 0/, 7],
  [/^pin --dry-run/, 3],
];

/** The examples of help, and what the pages of commands show beside them. */
const examples = [
  ...new Set([
    ...commands.flatMap(({ examples }) => examples.map(({ words }) => words)),
    ...documentPages()
      .flatMap((page) => readFences(page))
      .filter(isReferenceExample)
      .flatMap(({ text }) =>
        text
          .replaceAll(/\\\n +/g, '')
          .trim()
          .split('\n'),
      )
      .filter((line) => !line.startsWith('# '))
      .map((line) => line.replace(/^npx tekton-bundles /, '').replace(/ +# .*$/, '')),
  ]),
];
const runnable = examples.filter((words) => !elsewhere.some((pattern) => pattern.test(words)));

let registry: StartedRegistry;
let template: ReturnType<typeof tempDir>;

const env = { COSIGN_PASSWORD: 'x', HOME: '/nonexistent' };

beforeAll(async () => {
  registry = await startRegistry();
  template = tempDir();
  const at = (name: string) => join(template.path, name);
  // Step images that the registry of this test has.
  mkdirSync(at('pipelines'));
  for (const name of ['hello-world', 'failing']) {
    const source = readFileSync(join(root, 'pipelines', `${name}.yaml`), 'utf8');
    const image = `image: ${registry.host}/acme/image:v1`;
    writeFileSync(at(`pipelines/${name}.yaml`), source.replace(/image: \S+/g, image));
  }
  cpSync(join(root, 'pipelines'), at('tekton'), { recursive: true });
  for (const name of ['deploy', '.tekton', 'parts']) mkdirSync(at(name));
  writeFileSync(at('scan.json'), '{}');
  const text = 'version: 1\nrepository: REGISTRY/acme/test-workflows\ntag: v1.0.0\nbundles:\n';
  const bundle = (name: string) =>
    `  ${name}:\n    files: [pipelines/${name}.yaml]\n    workflow:\n      id: ${name}\n      name: ${name}\n      description: An example\n      labels: {signal_type: S, severity: low, component: deployment, environment: test, priority: P3, risk_tolerance: low}\n`;
  writeFileSync(
    at('bundles.yaml'),
    text.replace('REGISTRY', registry.host) + bundle('hello-world') + bundle('failing'),
  );
  for (const line of [
    'push quay.io/acme/image:v1 -f tekton/hello-world.yaml',
    'ensure --push',
    'push quay.io/acme/hello:v1.0.0 -f pipelines/hello-world.yaml',
    'push quay.io/acme/hello:v1.1.0 -f pipelines/failing.yaml',
    'copy quay.io/acme/hello:v1.0.0 quay.io/acme/hello:latest',
    'copy quay.io/acme/hello:v1.0.0 oci-archive:kept.tar',
    'build --to kept',
    'generate-key-pair',
    'ensure --shard 1/2 --part parts/1.yaml',
    'ensure --shard 2/2 --part parts/2.yaml',
    'ensure --shard 1/2 --part oci:quay.io/acme/lock-parts:run-7-1',
    'ensure --shard 2/2 --part oci:quay.io/acme/lock-parts:run-7-2',
  ]) {
    const ran = await example(line, template.path);
    expect(ran.code, `${line}\n${ran.stderr}`).toBe(0);
  }
}, 120_000);

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await template?.[Symbol.asyncDispose]();
});

function example(words: string, cwd: string) {
  // As a shell does it.
  const expanded = words.replace('parts/*.yaml', 'parts/1.yaml parts/2.yaml');
  const typed = (expanded.match(/(?:"[^"]*"|\S)+/g) ?? []).map((word) =>
    word.replaceAll('"', '').replace(/quay\.io(?=\/acme)/, registry.host),
  );
  // No cluster reaches the registry of this test.
  if (words.startsWith('run ')) typed.push('--no-preflight');
  const task = `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec: {steps: [{image: x}]}\n`;
  const input = words.includes(' -f - ') ? task : words.includes('--password-stdin') ? 'secret' : '';
  return runCli(typed, { cwd, env: { ...env, DOCKER_CONFIG: join(cwd, '.docker') }, input });
}

test('every example is run here, or by the tests of a command that needs more', () => {
  for (const pattern of elsewhere)
    expect(
      examples.some((words) => pattern.test(words)),
      `${pattern}`,
    ).toBe(true);
  expect(runnable.length).toBeGreaterThan(60);
});

test.concurrent.each(runnable)('%s', async (words) => {
  await using directory = tempDir();
  cpSync(template.path, directory.path, { recursive: true });
  const at = (name: string) => join(directory.path, name);
  if (words.includes('oci:out/')) renameSync(at('kept'), at('out'));
  if (words.startsWith('list oci-archive:')) renameSync(at('kept.tar'), at('hello.tar'));
  if (words.startsWith('generate-key-pair'))
    for (const name of ['cosign.key', 'cosign.pub']) rmSync(at(name));
  if (words.includes('keys/')) mkdirSync(at('keys'));
  if (words.startsWith('init')) rmSync(at('bundles.yaml'));
  if (words.startsWith('registry gc')) mkdirSync(at('.bundles/registry'), { recursive: true });
  if (words.includes(' -f - ')) {
    // It refuses to move a tag: another one is free.
    const ran = await example(words.replace(':v1.0.0', ':v3.0.0'), directory.path);
    return expect(ran.code, ran.stderr).toBe(0);
  }
  const ran = await example(words, directory.path);
  const [, status = 0] = statuses.find(([pattern]) => pattern.test(words)) ?? [];
  expect(ran.code, ran.stderr + ran.stdout.slice(0, 500)).toBe(status);
});
