import { type FieldType, objectType, type StructType } from '../objects/fields.js';
import { child, entries, type Field, items, textAt } from '../validate/field.js';
import { quote, type Report } from '../validate/problem.js';

/** Fields that Tekton drops without a word as it decodes an object. */
export function findUnknownFields(report: Report, object: Field): void {
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
