import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '../temp-dir.js';

// Runs a Pipeline of Tekton as far as ours needs it: params, a matrix of one param, results, workspaces, retries, steps one
// after the other. What Tekton accepts is judged by Tekton (test/support/random/judge.ts); here the steps are run.

type Value = string | readonly string[];
interface Param {
  readonly name: string;
  readonly value: Value;
}
interface Declared {
  readonly name: string;
  readonly default?: Value;
  readonly optional?: boolean;
}
export interface Step {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly script?: string;
  readonly workingDir?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}
export interface TaskObject {
  readonly spec: {
    readonly params: readonly Declared[];
    readonly workspaces: readonly Declared[];
    readonly results: readonly { readonly name: string }[];
    readonly stepTemplate: Partial<Step>;
    readonly steps: readonly Step[];
  };
}
interface PipelineTask {
  readonly name: string;
  readonly retries?: number;
  readonly matrix?: { readonly params: readonly Param[] };
  readonly taskRef: { readonly params: readonly { readonly name: string; readonly value: string }[] };
  readonly params: readonly Param[];
}
export interface PipelineObject {
  readonly spec: {
    readonly params: readonly Declared[];
    readonly results: readonly Param[];
    readonly tasks: readonly PipelineTask[];
  };
}

/** One try of a step, and where its pod keeps what is not in the workspaces. */
export interface StepRun {
  readonly step: Step;
  readonly task: string;
  readonly taskRun: string;
  /** From 0. */
  readonly attempt: number;
  /** Directories of this machine by their place in the pod. */
  readonly volumes: Readonly<Record<'/tekton/results' | '/tekton/home', string>>;
}

export interface PipelineRun {
  readonly pipeline: PipelineObject;
  readonly params: Readonly<Record<string, Value>>;
  /** Names of the workspaces that are bound. */
  readonly workspaces: readonly string[];
  /** What the bundles resolver gives for the params of a taskRef. */
  readonly resolve: (reference: Readonly<Record<string, string>>) => Promise<TaskObject>;
  /** True where the step ended well. */
  readonly runStep: (run: StepRun) => Promise<boolean>;
}

export interface PipelineOutcome {
  readonly results: Readonly<Record<string, string>>;
  /** Of each TaskRun, by the task's name. */
  readonly tasks: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
}

export async function runPipeline(run: PipelineRun): Promise<PipelineOutcome> {
  const { spec } = run.pipeline;
  const variables = new Map<string, Value>(paramVariables(spec.params, run.params));
  const tasks: Record<string, Record<string, string>[]> = {};
  // In the order of the file, which is that of the results.
  for (const task of spec.tasks) {
    const reference = task.taskRef.params.map(({ name, value }) => [name, replaceIn(value, variables)]);
    const object = await run.resolve(Object.fromEntries(reference));
    const given = (params: readonly Param[]) =>
      Object.fromEntries(params.map(({ name, value }) => [name, replaceValue(value, variables)]));
    const own = given(task.params);
    const [fanned, ...others] = Object.entries(given(task.matrix?.params ?? []));
    if (others.length > 0) throw new Error('a matrix of several params is not known here');
    const runs = fanned
      ? (fanned[1] as readonly string[]).map((value) => ({ ...own, [fanned[0]]: value }))
      : [own];
    tasks[task.name] = await Promise.all(
      runs.map((params, index) =>
        runTask(run, { task, object, params, name: `run-7-${task.name}-${index}` }),
      ),
    );
    for (const { name } of object.spec.results) {
      const values = tasks[task.name]!.map((results) => results[name] ?? '');
      variables.set(`tasks.${task.name}.results.${name}`, values[0] ?? '');
      variables.set(`tasks.${task.name}.results.${name}[*]`, values);
    }
  }
  const results = spec.results.map(({ name, value }) => [name, replaceIn(value as string, variables)]);
  return { results: Object.fromEntries(results), tasks };
}

interface TaskRun {
  readonly task: PipelineTask;
  readonly object: TaskObject;
  readonly params: Readonly<Record<string, Value>>;
  readonly name: string;
}

async function runTask(
  run: PipelineRun,
  { task, object, params, name }: TaskRun,
): Promise<Record<string, string>> {
  const { spec } = object;
  const variables = new Map<string, Value>([
    ...paramVariables(spec.params, params),
    ['context.taskRun.name', name],
    ...spec.results.map(
      (result) => [`results.${result.name}.path`, `/tekton/results/${result.name}`] as const,
    ),
    ...spec.workspaces.map(({ name, optional }) => {
      const isBound = run.workspaces.includes(name);
      if (!isBound && !optional) throw new Error(`the workspace ${name} is not bound`);
      return [`workspaces.${name}.path`, isBound ? `/workspace/${name}` : ''] as const;
    }),
  ]);
  const steps = spec.steps.map((step) =>
    replaceStep({ ...spec.stepTemplate, ...step }, spec.stepTemplate, variables),
  );
  for (let attempt = 0; attempt <= (task.retries ?? 0); attempt++) {
    await using pod = tempDir('pod-');
    await chmod(pod.path, 0o755);
    const volumes = { '/tekton/results': join(pod.path, 'results'), '/tekton/home': join(pod.path, 'home') };
    for (const place of Object.values(volumes)) {
      await mkdir(place);
      await chmod(place, 0o777);
    }
    let isWell = true;
    for (const step of steps) {
      isWell = isWell && (await run.runStep({ step, task: task.name, taskRun: name, attempt, volumes }));
    }
    if (isWell) return readResults(volumes['/tekton/results'], spec.results);
  }
  throw new Error(`${name} failed`);
}

/** What Tekton's entrypoint reports: all results, within the length that Kubernetes allows a termination message. */
function readResults(
  directory: string,
  declared: readonly { readonly name: string }[],
): Record<string, string> {
  mkdirSync(directory, { recursive: true });
  const written = readdirSync(directory);
  const known = declared.filter(({ name }) => written.includes(name));
  const results = known.map(({ name }) => [name, readFileSync(join(directory, name), 'utf8')]);
  const message = JSON.stringify(results.map(([key, value]) => ({ key, value, type: 1 })));
  if (message.length > 4096) throw new Error(`the results have ${message.length} bytes`);
  return Object.fromEntries(results);
}

function paramVariables(
  declared: readonly Declared[],
  given: Readonly<Record<string, Value>>,
): (readonly [string, Value])[] {
  for (const name of Object.keys(given))
    if (!declared.some((param) => param.name === name)) throw new Error(`the param ${name} is not declared`);
  return declared.map((param) => {
    const value = given[param.name] ?? param.default;
    if (value === undefined) throw new Error(`the param ${param.name} has no value`);
    return [`params.${param.name}${typeof value === 'string' ? '' : '[*]'}`, value] as const;
  });
}

function replaceStep(step: Step, template: Partial<Step>, variables: ReadonlyMap<string, Value>): Step {
  const env = new Map([...(template.env ?? []), ...(step.env ?? [])].map(({ name, value }) => [name, value]));
  return {
    ...step,
    image: replaceIn(step.image, variables),
    args: replaceList(step.args, variables),
    ...(step.workingDir === undefined ? {} : { workingDir: replaceIn(step.workingDir, variables) }),
    env: [...env].map(([name, value]) => ({ name, value: replaceIn(value, variables) })),
  };
}

function replaceValue(value: Value, variables: ReadonlyMap<string, Value>): Value {
  if (typeof value !== 'string') return replaceList(value, variables);
  return wholeList(value, variables) ?? replaceIn(value, variables);
}

function replaceList(values: readonly string[], variables: ReadonlyMap<string, Value>): string[] {
  return values.flatMap((value) => wholeList(value, variables) ?? [replaceIn(value, variables)]);
}

/** The array of a text that is nothing but `$(NAME[*])`. */
function wholeList(text: string, variables: ReadonlyMap<string, Value>): readonly string[] | undefined {
  const name = /^\$\(([^()]+\[\*\])\)$/.exec(text)?.[1];
  const value = name === undefined ? undefined : variables.get(name);
  return Array.isArray(value) ? value : undefined;
}

function replaceIn(text: string, variables: ReadonlyMap<string, Value>): string {
  return text.replace(/\$\(([a-zA-Z][\w.[\]*-]*)\)/g, (whole, name: string) => {
    const value = variables.get(name);
    if (typeof value === 'string') return value;
    throw new Error(`nothing is known of ${whole}`);
  });
}
