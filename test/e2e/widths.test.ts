import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textWidth } from '../../src/bytes/text-width.js';
import { commands } from '../../src/cli/commands.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const long = 'a-rather-long-name-of-a-bundle-that-does-one-thing';

/** A registry and a project whose bundles are published, changed, new and away. */
async function world() {
  const registry = await startGuardedRegistry();
  const names = ['alpha', 'beta', long];
  const project = sampleProject({ repository: `${registry.host}/acme`, bundles: names });
  const out = tempDir();
  const at = (path: string) => join(project.directory, path);
  const config = ['--config', project.config];
  await runInProcess(['ensure', ...config]);
  project.write('pipelines/beta.yaml', samplePipeline('other'));
  project.write('pipelines/検査.yaml', wrong);
  const reference = `${registry.host}/acme/alpha:v1.0.0`;
  return {
    at,
    out: out.path,
    config,
    reference,
    async [Symbol.asyncDispose]() {
      await out[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

const wrong = `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: say}
spec:
  steps:
    - name: say
      image: docker.io/library/busybox@sha256:${'a'.repeat(64)}
      script: echo 検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査検査 $(params.who)
`;

type World = Awaited<ReturnType<typeof world>>;

/** What people see of each command: results that are fine, and failures. */
const cases: Readonly<Record<string, (world: World) => readonly (readonly string[])[]>> = {
  ensure: ({ config }) => [
    [...config],
    [...config, '--offline', '--verbose'],
    ['alhpa', ...config],
    [...config, '--no-push', '--on-different', 'fallback', '--verbose'],
  ],
  check: ({ config }) => [
    [...config],
    [...config, '--verbose'],
    [...config, '--repository', '127.0.0.1:1/acme'],
  ],
  verify: ({ config }) => [[...config], [...config, '--verbose'], [...config, '--offline']],
  lint: ({ at, config }) => [[...config], [at('pipelines/検査.yaml')], [at('nothing.yaml')]],
  pin: ({ config }) => [
    [...config, '--dry-run'],
    ['gamma', ...config],
  ],
  bump: ({ config }) => [
    ['beta', ...config],
    ['gamma', ...config],
  ],
  list: ({ reference }) => [[reference], [reference, 'task'], [`${reference}0`, '--verbose']],
  inspect: ({ reference }) => [[reference], [reference, '--verbose'], [`${reference}0`]],
  diff: ({ at, config, reference }) => [
    ['beta', ...config],
    [reference, at('pipelines/検査.yaml')],
    [reference, reference],
  ],
  explain: ({ config, reference }) => [
    ['beta', ...config],
    ['beta', '--against', reference, ...config],
    ['beta', '--against', reference, '--verbose', ...config],
  ],
  build: ({ config, out }) => [
    [...config, '--to', join(out, 'layout')],
    [...config, '--to', '/dev/null/x'],
  ],
  push: ({ at, reference }) => [
    [reference, '-f', at('pipelines/beta.yaml')],
    [reference, '-f', at('pipelines/alpha.yaml'), '--no-overwrite'],
  ],
  copy: ({ reference, out }) => [
    [reference, `oci:${join(out, 'copied')}`],
    [`${reference}0`, `oci:${join(out, 'copied')}`],
  ],
  promote: ({ config }) => [[...config], [...config, '--to', 'x@y']],
  export: ({ reference, out }) => [[reference, '--to', join(out, 'exported.tar')], [reference]],
  'registry gc': ({ out }) => [
    ['--state-dir', out],
    ['--state-dir', '/nothing/there'],
  ],
  'registry deploy': () => [['--context', 'nowhere']],
  'images ensure': ({ config }) => [[...config], [...config, '--engine', './nothing']],
  'images prune': ({ config }) => [[...config], [...config, '--engine', './nothing']],
  init: ({ at }) => [[at('pipelines')], ['nothing-here']],
  login: () => [['127.0.0.1:1', '-u', 'somebody', '--password-stdin']],
  logout: () => [['127.0.0.1:1']],
  doctor: ({ config }) => [[...config], [...config, '--all', '--verbose']],
  'schema generate': ({ config }) => [[...config], [...config, '--dry-run']],
  'schema convert': ({ at }) => [[at('bundles.yaml'), '--to', 'remediation-workflow']],
  'schema validate': ({ config, at }) => [[...config], [at('bundles.yaml')]],
  register: ({ config }) => [[...config]],
  run: ({ config }) => [['gamma', ...config]],
  version: () => [['--verbose']],
  sbom: ({ config }) => [['gamma', ...config]],
  sign: ({ config }) => [['gamma', ...config]],
  report: ({ config, out }) => [[...config, '--html', join(out, 'report.html')]],
};

/** Of every command: its help, and its answer to a mistake. */
const always: readonly (readonly string[])[] = [
  ['--help', '--all'],
  ['--outptu', 'json'],
  ['--output', 'jsno'],
];

const names = commands.map(({ name }) => name);

test('only commands that there are have cases', () => {
  expect(Object.keys(cases).filter((name) => !names.includes(name))).toEqual([]);
});

test.each(names)('%s keeps within the terminal and shows no digest cut in two', async (name) => {
  await using here = await world();
  for (const columns of [80, 120]) {
    for (const words of [...always, ...(cases[name]?.(here) ?? [])]) {
      const home = here.out;
      const { stdout, stderr } = await runInProcess([...name.split(' '), ...words], {
        columns,
        home,
        input: '',
      });
      const lines = `${stdout}${stderr}`.replace(/\u001b\[\d+m/g, '').split(/\n|\r\u001b\[K/);
      expect(lines.length, `${name} ${words.join(' ')} prints`).toBeGreaterThan(1);
      const told = lines.join('\n');
      expect(
        lines.filter((line) => textWidth(line) > columns),
        told,
      ).toEqual([]);
      // Whole, or short: the twelve digits of the rows. Lines of a source are cut where they are too long.
      const pieces = lines
        .filter((line) => !/^[> ] +\d+ \| /.test(line))
        .flatMap((line) => line.match(/(?<=sha256:)[0-9a-f]+|\b[0-9a-f]{13,}\b/g) ?? []);
      expect(
        pieces.filter((hex) => hex.length !== 64),
        told,
      ).toEqual([]);
    }
  }
});
