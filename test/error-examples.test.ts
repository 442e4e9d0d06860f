import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { explainCode } from '../src/cli/help/explain-page.js';
import type { ErrorCode } from '../src/errors.js';
import { runInProcess } from './support/program/run-in-process.js';
import { tempDir } from './support/temp-dir.js';

const task = (name: string) =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: ${name}}\nspec: {steps: [{image: a}]}\n`;

const declared = (more: string) =>
  `version: 1\nrepository: quay.io/acme\ntag: v1.0.0\nbundles:\n  hello: {files: [pipelines/hello.yaml]${more}}\n`;

const labels =
  'signal_type: T, severity: low, component: pod, environment: test, priority: P3, risk_tolerance: low';

interface Case {
  readonly code: ErrorCode;
  readonly words: readonly string[];
  /** Files of the project, besides a Pipeline with the param DELAY. */
  readonly files?: Readonly<Record<string, string>>;
}

const ensure = ['ensure', '--offline', '-c', '@/bundles.yaml'];
const push = (...files: readonly string[]) => [
  'push',
  'quay.io/acme/hello:v1',
  ...files.flatMap((file) => ['-f', `@/${file}`]),
];
const many = Object.fromEntries(
  Array.from({ length: 21 }, (_, index) => [`${index}.yaml`, task(`t${index}`)]),
);

const cases: readonly Case[] = [
  { code: 'USAGE', words: ['ensure', '--dryrun'] },
  { code: 'CONFIG_NOT_FOUND', words: ensure },
  {
    code: 'CONFIG_INVALID',
    words: ensure,
    files: { 'bundles.yaml': declared('').replace('v1.0.0', '1.10') },
  },
  { code: 'REFERENCE_INVALID', words: ['list', 'quay.io/acme/hello'] },
  {
    code: 'LOCK_INVALID',
    words: ensure,
    files: { 'bundles.yaml': declared(''), 'bundles.lock': '<<<<<<< HEAD\n=======\n>>>>>>> x\n' },
  },
  {
    code: 'LOCK_PART_INVALID',
    words: ['lock', 'merge', '@/parts/1.yaml', '-c', '@/bundles.yaml'],
    files: { 'bundles.yaml': declared(''), 'parts/1.yaml': 'a:\n\tb: 1\n' },
  },
  {
    code: 'KEY_INVALID',
    words: ['verify', 'quay.io/acme/hello:v1', '--key', '@/cosign.pub'],
    files: { 'cosign.pub': 'x' },
  },
  {
    code: 'NO_FALLBACK',
    words: [...ensure, '--no-fallback'],
    files: { 'bundles.yaml': declared('') },
  },
  {
    code: 'LOCK_STALE',
    words: ['run', 'hello', '-c', '@/bundles.yaml'],
    files: { 'bundles.yaml': declared('') },
  },
  {
    code: 'SOURCE_NOT_FOUND',
    words: ensure,
    files: { 'bundles.yaml': declared('').replace('hello.yaml', 'helo.yaml') },
  },
  { code: 'YAML_INVALID', words: push('hello.yaml'), files: { 'hello.yaml': 'a:\n\tb: 1\n' } },
  {
    code: 'OBJECT_INVALID',
    words: push('hello.yaml'),
    files: { 'hello.yaml': task('').replace('name: ', '') },
  },
  {
    code: 'OBJECT_DUPLICATE',
    words: push('a.yaml', 'b.yaml'),
    files: { 'a.yaml': task('build'), 'b.yaml': task('build') },
  },
  { code: 'TOO_MANY_OBJECTS', words: push(...Object.keys(many)), files: many },
  {
    code: 'LINT_FAILED',
    words: ensure,
    files: {
      'bundles.yaml': declared(''),
      'pipelines/hello.yaml':
        'apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: workflow}\nspec:\n  tasks:\n    - name: a\n      taskRef: {name: x}\n      taskSpec: {steps: [{image: a}]}\n',
    },
  },
  {
    code: 'SCHEMA_MISMATCH',
    words: ensure,
    files: {
      'bundles.yaml': declared(
        `, workflow: {id: hello, description: d, labels: {${labels}}, parameters: {DELAY_SECONDS: {type: integer}}}`,
      ),
    },
  },
  { code: 'ARCHIVE_INVALID', words: ['inspect', 'oci-archive:@/hello.tar'], files: { 'hello.tar': 'x' } },
  { code: 'NOT_FOUND', words: ['inspect', 'oci:@/hello:v9.9.9'] },
];

const pipeline = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: workflow}
spec:
  params: [{name: DELAY, type: string, description: d, default: "1"}]
  tasks: [{name: a, taskSpec: {steps: [{name: s, image: a}]}}]
`;

test.each(cases)('the example of $code is what the program prints', async ({ code, words, files = {} }) => {
  await using project = tempDir();
  for (const [path, text] of Object.entries({ 'pipelines/hello.yaml': pipeline, ...files })) {
    mkdirSync(dirname(join(project.path, path)), { recursive: true });
    writeFileSync(join(project.path, path), text);
  }
  const given = [...words, '-o', 'json'].map((word) => word.replace('@/', `${project.path}/`));
  const environment = { BUNDLES_STATE_DIR: join(project.path, '.bundles') };
  const ran = await runInProcess(given, { environment });
  const message = messageOf(JSON.parse(ran.stdout), code)
    ?.replaceAll(`${project.path}/`, '')
    .replaceAll(/sha256:([0-9a-f]{4})[0-9a-f]{60}/g, 'sha256:$1…');
  expect(`error[${code}]: ${message}`).toBe(explainCode(code).example);
});

/** The message of the first error of a code in a JSON result: of the run, or of a bundle. */
function messageOf(value: unknown, code: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('code' in value && value.code === code && 'message' in value) return String(value.message);
  for (const child of Object.values(value)) {
    const found = messageOf(child, code);
    if (found !== undefined) return found;
  }
  return undefined;
}
