import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { beforeAll, expect, test } from 'vitest';
import { readProject } from '../src/project/read-project.js';
import { readSourceFiles } from '../src/project/sources/source-files.js';
import { deriveWorkflow } from '../src/workflow/derive-workflow.js';

const root = join(import.meta.dirname, '..');

interface Named {
  readonly name: string;
}
interface Valued extends Named {
  readonly value: string;
}
interface Step {
  readonly image: string;
  readonly script: string;
  readonly env: readonly Valued[];
  readonly computeResources: { readonly limits: { readonly memory: string } };
}
interface Task {
  readonly timeout: string;
  readonly params: readonly Valued[];
  readonly taskSpec: { readonly params: readonly Named[]; readonly steps: readonly Step[] };
}
interface Pipeline {
  readonly spec: {
    readonly params: readonly (Named & { readonly default: string })[];
    readonly tasks: readonly Task[];
  };
}

const samples = new Map<string, Pipeline>();

beforeAll(async () => {
  for (const name of ['hello-world', 'failing'])
    samples.set(name, load(await readFile(join(root, 'pipelines', `${name}.yaml`), 'utf8')) as Pipeline);
});

/** What Tekton puts in for `$(params.x)`. */
function substitute(text: string, params: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\(params\.([^)]+)\)/g, (_all, name: string) => params.get(name)!);
}

/** The script of a sample's only step and the environment that Tekton gives it. */
function stepOf(
  name: string,
  given: Readonly<Record<string, string>>,
): { step: Step; env: Record<string, string> } {
  const { params, tasks } = samples.get(name)!.spec;
  const [task] = tasks;
  const outer = new Map(params.map((param) => [param.name, given[param.name] ?? param.default]));
  const inner = new Map(task!.params.map(({ name: key, value }) => [key, substitute(value, outer)]));
  const [step] = task!.taskSpec.steps;
  return {
    step: step!,
    env: Object.fromEntries(step!.env.map(({ name: key, value }) => [key, substitute(value, inner)])),
  };
}

interface Ended {
  readonly status: number | null;
  readonly killed: NodeJS.Signals | null;
  readonly output: string;
}

function run(
  name: string,
  given: Readonly<Record<string, string>>,
  { prefix = '', patienceMs = 10_000 }: { prefix?: string; patienceMs?: number } = {},
): Promise<Ended> {
  const { step, env } = stepOf(name, given);
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${prefix}exec sh`], { env: { PATH: '/usr/bin:/bin', ...env } });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    child.on('error', reject);
    child.on('close', (status, killed) => {
      clearTimeout(timer);
      resolve({ status, killed, output });
    });
    child.stdin.end(step.script);
  });
}

test('the hello-world sample prints its message and succeeds', async () => {
  const ended = await run('hello-world', { MESSAGE: 'good day', DELAY_SECONDS: '0' });
  expect(ended).toMatchObject({ status: 0 });
  expect(ended.output).toContain('message: good day');
});

test('the hello-world sample refuses a delay that is not a number', async () => {
  expect(await run('hello-world', { DELAY_SECONDS: '1; exit 0' })).toMatchObject({ status: 64 });
});

test('the failing sample fails by exit, which is its default', async () => {
  expect(await run('failing', {})).toMatchObject({ status: 1 });
  expect(await run('failing', { FAILURE_MODE: 'other' })).toMatchObject({ status: 64 });
});

test("the failing sample outlives the task's timeout", async () => {
  const ended = await run('failing', { FAILURE_MODE: 'timeout' }, { patienceMs: 300 });
  expect(ended).toMatchObject({ status: null, killed: 'SIGKILL' });
  const { timeout } = samples.get('failing')!.spec.tasks[0]!;
  expect(timeout).toBe('1m');
  const { step } = stepOf('failing', {});
  expect(Number(/sleep (\d+)/.exec(step.script)?.[1])).toBeGreaterThan(60);
});

test("the failing sample takes more memory than the step's limit", async () => {
  const { step } = stepOf('failing', {});
  expect(step.computeResources.limits.memory).toBe('64Mi');
  // Dies of a limit more than twice as high, so it got past the step's own.
  const ended = await run('failing', { FAILURE_MODE: 'oom' }, { prefix: `ulimit -v ${160 * 1024}; ` });
  expect(ended.output).toContain('taking memory');
  expect(ended.killed ?? ended.output).toMatch(
    /SIGSEGV|SIGKILL|SIGABRT|out of space|out of memory|cannot allocate/i,
  );
});

test.each(['hello-world', 'failing'])('values of %s cannot run as commands', async (name) => {
  const { step } = stepOf(name, {});
  expect(step.script).not.toContain('$(');
  const hostile = '"; echo $((6*7)) `echo pwned`; $(echo pwned) \' \\n %s';
  const ended = await run(name, { MESSAGE: hostile, FAILURE_MESSAGE: hostile, DELAY_SECONDS: '0' });
  expect(ended.output).toContain(`message: ${hostile}`);
});

test('the sample project is valid and its schemas can be derived', async () => {
  const project = await readProject(join(root, 'bundles.yaml'));
  expect(project.publish).toBe('never');
  expect(project.bundles.map(({ name }) => name)).toEqual(['failing', 'hello-world']);
  for (const spec of project.bundles) {
    const [file] = await readSourceFiles(project, spec);
    const json = Buffer.from(JSON.stringify(load(Buffer.from(file!.bytes).toString('utf8'))));
    const pinned = `quay.io/tekton-bundles/samples/${spec.name}:v1.0.0@sha256:${'0'.repeat(64)}`;
    const objects = [{ kind: 'Pipeline', name: 'workflow', json }];
    const { workflow, warnings } = deriveWorkflow(spec.workflow!, {
      objects,
      pinned,
      bundle: spec.name,
      file: 'bundles.yaml',
    });
    expect(warnings).toEqual([]);
    expect(workflow.parameters.map(({ name, default: value }) => [name, value])).toEqual(
      spec.name === 'failing'
        ? [
            ['FAILURE_MODE', 'exit'],
            ['FAILURE_MESSAGE', 'This workflow fails on purpose'],
          ]
        : [
            ['MESSAGE', 'Hello from a Tekton bundle'],
            ['DELAY_SECONDS', 2],
          ],
    );
  }
});
