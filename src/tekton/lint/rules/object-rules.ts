import { type FieldType, objectType, type StructType } from '../../objects/fields.js';
import { child, entries, type Field, items, type Text, textAt } from '../../validate/field.js';
import { duplicates } from '../../validate/names.js';
import { type PipelineSpec, readPipelineSpec } from '../../validate/pipeline/read-pipeline.js';
import { quote, type Report } from '../../validate/problem.js';
import { type Container, readContainer, readTaskSpec, type TaskSpec } from '../../validate/task/read-task.js';
import { readParamSpecs } from '../../validate/values/read-params.js';
import { findLooseReferences } from './reference-rules.js';

/** Bytes; a cluster keeps 1.5 MiB at most, and a resolved object in base64, which makes four of three. */
const LARGE_OBJECT = 1024 * 1024;

const given = { defaults: true };

/** Finds what a cluster accepts but an author hardly intends. */
export function findTraps(report: Report, object: Field, { size }: { readonly size: number }): void {
  const kind = textAt(object, 'kind').text;
  const spec = child(object, 'spec');
  if (size > LARGE_OBJECT) {
    report(
      'large-object',
      object,
      `found ${size} bytes of JSON, wanted at most ${LARGE_OBJECT}: resolved, it would hardly fit into the cluster's store`,
    );
  }
  if (!['Task', 'Pipeline', 'StepAction'].includes(kind)) {
    report(
      'run-in-bundle',
      child(object, 'kind'),
      `found a ${kind}, which no resolver looks for, wanted Tasks, Pipelines and StepActions`,
    );
  }
  findUnknownFields(report, object);
  findLooseReferences(report, object);
  if (kind === 'Task') lookAtTask(report, readTaskSpec(spec, given));
  if (kind === 'TaskRun') lookAtTask(report, readTaskSpec(child(spec, 'taskSpec'), given));
  if (kind === 'StepAction') {
    lookAtContainer(report, readContainer(spec));
    lookAtUser(report, spec, undefined);
  }
  if (kind === 'Pipeline') lookAtPipeline(report, readPipelineSpec(spec, given));
  if (kind === 'PipelineRun') lookAtPipeline(report, readPipelineSpec(child(spec, 'pipelineSpec'), given));
  if (['Task', 'Pipeline', 'StepAction'].includes(kind)) lookForUnused(report, spec);
}

function lookAtPipeline(report: Report, { tasks, finally: last }: PipelineSpec): void {
  for (const { taskSpec, pipelineSpec } of [...tasks, ...last]) {
    if (taskSpec) lookAtTask(report, taskSpec);
    if (pipelineSpec) lookAtPipeline(report, pipelineSpec);
  }
}

function lookAtTask(report: Report, { steps, sidecars, stepTemplate, volumes }: TaskSpec): void {
  const containers = [...steps, ...sidecars, ...(stepTemplate ? [stepTemplate] : [])];
  for (const container of containers) lookAtContainer(report, container);
  for (const { field, ref } of steps) if (ref === undefined) lookAtUser(report, field, stepTemplate?.field);
  const known = new Set(volumes.map(({ text }) => text));
  for (const { name } of containers.flatMap(({ volumeMounts }) => volumeMounts)) {
    if (known.has(name.text) || name.text === '' || name.text.includes('$(')) continue;
    report(
      'no-undefined-volume',
      name,
      `found the volume ${quote(name.text)}, which the task does not declare: no pod could start`,
    );
  }
}

function lookAtContainer(report: Report, { image, env = [] }: Container): void {
  lookAtImage(report, image);
  for (const name of duplicates(env.map((variable) => variable.name))) {
    report('no-duplicate-env', name, `found the variable ${quote(name.text)} twice: the last one wins`);
  }
}

/** Checks the user of a step; without one the image decides, usually for root. */
function lookAtUser(report: Report, step: Field, template: Field | undefined): void {
  const setting = (key: string) => {
    const own = child(child(step, 'securityContext'), key).value;
    return own ?? (template && child(child(template, 'securityContext'), key).value);
  };
  const user = setting('runAsUser');
  if (setting('runAsNonRoot') === true || (typeof user === 'number' && user > 0)) return;
  const wanted = 'wanted securityContext: {runAsNonRoot: true} or a runAsUser above 0';
  report('non-root', step, `found a step that ${user === 0 ? 'runs' : 'may run'} as root, ${wanted}`);
}

/** Images that a param names are not checked. */
function lookAtImage(report: Report, image: Text): void {
  const { text } = image;
  if (text === '' || text.includes('$(') || text.includes('@')) return;
  const name = text.slice(text.lastIndexOf('/') + 1);
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : undefined;
  if (tag === undefined || tag === 'latest') {
    const found = tag === undefined ? 'no tag, which means latest' : 'the tag latest';
    report('no-latest-image', image, `found ${found}, wanted a tag or a digest that stays`);
  } else {
    report('unpinned-image', image, `found the tag ${quote(tag)} without a digest, wanted ${name}@sha256:…`);
  }
}

function lookForUnused(report: Report, spec: Field): void {
  const params = readParamSpecs(child(spec, 'params'), given);
  if (!(spec.value instanceof Map) || params.length === 0) return;
  const texts = [...spec.value].filter(([key]) => key !== 'params').map(([, value]) => value);
  const used = textOf(texts);
  for (const { name } of params) {
    if (uses(used, name.text)) continue;
    report('no-unused-param', name, `found the param ${quote(name.text)}, which nothing uses`);
  }
}

function uses(text: string, name: string): boolean {
  if (text.includes(`params["${name}"]`) || text.includes(`params['${name}']`)) return true;
  const wanted = `params.${name}`;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (!/[A-Za-z0-9_-]/.test(text.charAt(at + wanted.length))) return true;
  }
  return false;
}

/** All strings inside a value, a line each. */
function textOf(value: Field['value']): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  return value instanceof Map ? [...value.values()].map(textOf).join('\n') : '';
}

/** Fields that Tekton silently drops when it decodes an object. */
function findUnknownFields(report: Report, object: Field): void {
  const type = objectType(textAt(object, 'apiVersion').text, textAt(object, 'kind').text);
  if (type !== undefined) look(report, object, type);
}

function look(report: Report, field: Field, type: FieldType): void {
  if (type.is === 'list') for (const item of items(field)) look(report, item, type.of.type);
  if (type.is === 'map') for (const [, value] of entries(field)) look(report, value, type.of.type);
  if (type.is !== 'struct') return;
  for (const [key, { path }] of entries(field)) {
    const known = type.fields.get(key);
    if (known === undefined) reportUnknown(report, key, path, type);
    else look(report, child(field, key), known.type);
  }
}

function reportUnknown(report: Report, key: string, path: Field['path'], { name, fields }: StructType): void {
  const near = [...fields.keys()].find((known) => fold(known) === fold(key));
  const few = fields.size > 12 ? '' : `, wanted one of ${[...fields.keys()].join(', ')}`;
  const noun = nouns[name.slice(name.indexOf('.') + 1)] ?? 'Tekton';
  report(
    'unknown-field',
    { path },
    `found the field ${quote(key)}, which ${noun} does not have${near === undefined ? few : `, wanted ${near}`}`,
  );
}

const nouns: Readonly<Record<string, string>> = {
  TaskSpec: 'a Task',
  EmbeddedTask: 'a Task',
  PipelineSpec: 'a Pipeline',
  PipelineTask: 'a pipeline task',
  StepActionSpec: 'a StepAction',
  TaskRunSpec: 'a TaskRun',
  PipelineRunSpec: 'a PipelineRun',
  Step: 'a step',
  Sidecar: 'a sidecar',
  StepTemplate: 'a step template',
  ParamSpec: 'a param',
  Param: 'a param',
};

/** The same for `run_after`, `runafter` and `runAfter`. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}
