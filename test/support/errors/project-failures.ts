import type { ErrorCode } from '../../../src/errors.js';
import { command, type Fail } from './stage.js';

const task = (name: string) =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {steps: [{image: a}]}\n`;

/** A bundle `hello`, on quay.io unless another host is given. */
export const declared = (more = '', host = 'quay.io') =>
  `version: 1\nrepository: ${host}/acme\ntag: v1.0.0\nbundles:\n  hello: {files: [pipelines/hello.yaml]${more}}\n`;

const labels =
  'signal_type: T, severity: low, component: pod, environment: test, priority: P3, risk_tolerance: low';

/** The value of a bundle's `workflow`. */
export const workflow = (more = '') => `, workflow: {id: hello, description: d, labels: {${labels}}${more}}`;

export const config = ['-c', '@/bundles.yaml'];
const ensure = ['ensure', '--offline', ...config];
const push = (...files: readonly string[]) => [
  'push',
  'quay.io/acme/hello:v1',
  ...files.flatMap((file) => ['-f', `@/${file}`]),
];
const many = Object.fromEntries(
  Array.from({ length: 21 }, (_, index) => [`${index}.yaml`, task(`t${index}`)]),
);

const ambiguous = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: workflow}
spec:
  tasks:
    - name: a
      taskRef: {name: x}
      taskSpec: {steps: [{image: a}]}
`;

/** Failures that need the files of a project and no server. */
export const projectFailures: Partial<Record<ErrorCode, Fail>> = {
  USAGE: command(['ensure', '--dryrun']),
  CONFIG_NOT_FOUND: command(ensure),
  CONFIG_INVALID: command(ensure, { 'bundles.yaml': declared().replace('v1.0.0', '1.10') }),
  REFERENCE_INVALID: command(['list', 'quay.io/acme/hello']),
  LOCK_INVALID: command(ensure, {
    'bundles.yaml': declared(),
    'bundles.lock': '<<<<<<< HEAD\n=======\n>>>>>>> x\n',
  }),
  LOCK_PART_INVALID: command(['lock', 'merge', '@/parts/1.yaml', ...config], {
    'bundles.yaml': declared(),
    'parts/1.yaml': 'a:\n\tb: 1\n',
  }),
  TRUST_REQUIRED: command(
    ['ensure', '--no-push', ...config],
    {
      'bundles.yaml': `catalog: https://catalog.example\n${declared('', '127.0.0.1:1')}`,
    },
    { environment: { DATASTORAGE_TOKEN: 't' } },
  ),
  KEY_INVALID: command(['verify', 'quay.io/acme/hello:v1', '--key', '@/cosign.pub'], { 'cosign.pub': 'x' }),
  IDENTITY_MISSING: command(['ensure', '--sign', '--keyless', ...config], { 'bundles.yaml': declared() }),
  TRUSTED_TASKS_INVALID: async (stage) => {
    stage.write({
      'bundles.yaml': declared(),
      'trusted_tasks.yaml': 'trusted_tasks:\n  hello: [{expires_on: 2026-12-01}]\n',
    });
    await stage.run(ensure);
    return stage.run(['trusted-tasks', '--to', '@/trusted_tasks.yaml', ...config]);
  },
  FROZEN: command([...ensure, '--frozen'], { 'bundles.yaml': declared() }),
  LOCK_STALE: command(['run', 'hello', ...config], { 'bundles.yaml': declared() }),
  LOCK_PARTS_MISMATCH: async (stage) => {
    stage.write({ 'bundles.yaml': declared() });
    await stage.run([...ensure, '--shard', '1/3', '--part', '@/1.yaml']);
    await stage.run([...ensure, '--shard', '2/3', '--part', '@/2.yaml']);
    return stage.run(['lock', 'merge', '@/1.yaml', '@/2.yaml', ...config]);
  },
  NO_FALLBACK: command([...ensure, '--no-fallback'], { 'bundles.yaml': declared() }),
  IMAGE_NOT_PINNED: command(['pin', '--offline', ...config], {
    'bundles.yaml': declared(),
    'pipelines/hello.yaml': task('hello').replace('image: a', 'image: "alpine:3.20"'),
  }),
  SOURCE_NOT_FOUND: command(ensure, { 'bundles.yaml': declared().replace('hello.yaml', 'helo.yaml') }),
  SOURCE_TOO_LARGE: command(
    ['push', 'quay.io/acme/hello:v1', '-f', '-'],
    {},
    { input: '#'.repeat(4 * 2 ** 20 + 1) },
  ),
  YAML_INVALID: command(push('hello.yaml'), { 'hello.yaml': 'a:\n\tb: 1\n' }),
  OBJECT_INVALID: command(push('hello.yaml'), { 'hello.yaml': task('').replace('name: ', '') }),
  OBJECT_DUPLICATE: command(push('a.yaml', 'b.yaml'), { 'a.yaml': task('build'), 'b.yaml': task('build') }),
  TOO_MANY_OBJECTS: command(push(...Object.keys(many)), many),
  LINT_FAILED: command(ensure, { 'bundles.yaml': declared(), 'pipelines/hello.yaml': ambiguous }),
  PREFLIGHT_FAILED: async (stage) => {
    stage.write({ 'bundles.yaml': declared('', 'localhost:5055') });
    await stage.run(ensure);
    return stage.run(['run', 'hello', ...config]);
  },
  SCHEMA_INVALID: command(ensure, {
    'bundles.yaml': declared(workflow(', parameters: {DELAY: {type: integer, minimum: 5}}')),
  }),
  SCHEMA_MISMATCH: command(ensure, {
    'bundles.yaml': declared(workflow(', parameters: {DELAY_SECONDS: {type: integer}}')),
  }),
  NOT_FOUND: command(['inspect', 'oci:@/hello:v9.9.9']),
  LAYOUT_INVALID: command(['inspect', 'oci:@/.bundles/registry/acme/hello:v1.0.0'], {
    '.bundles/registry/acme/hello/oci-layout': '{"imageLayoutVersion": "1.0.0"}',
    '.bundles/registry/acme/hello/index.json': '{',
  }),
  ARCHIVE_INVALID: command(['inspect', 'oci-archive:@/hello.tar'], { 'hello.tar': 'x' }),
  NOT_WRITABLE: command(ensure, { 'bundles.yaml': declared(workflow()), schemas: '' }),
  NOT_READABLE: command(['ensure', '--offline', '-c', '@/pipelines']),
};
