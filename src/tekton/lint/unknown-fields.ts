import type { Field } from '../validate/field.js';
import { child, entries, items, textAt } from '../validate/field.js';
import { quote, type Report } from '../validate/problem.js';
import { type KnownField, knownFields } from './known-fields.js';

/** Fields that Tekton drops without a word as it decodes an object. */
export function findUnknownFields(report: Report, object: Field): void {
  const beta = textAt(object, 'apiVersion').text !== 'tekton.dev/v1';
  look(report, { field: object, type: textAt(object, 'kind').text, beta });
}

interface Place {
  readonly field: Field;
  readonly type: string;
  readonly beta: boolean;
}

function look(report: Report, { field, type, beta }: Place): void {
  const fields = knownFields(type, { beta });
  if (fields === undefined) return;
  for (const [key, { path }] of entries(field)) {
    const known = fields.get(key);
    if (known === undefined) reportUnknown(report, { key, path, type, fields: [...fields.keys()] });
    else if (known.type !== undefined)
      lookInside(report, { field: child(field, key), type: known.type, beta }, known);
  }
}

function lookInside(report: Report, place: Place, { isMap }: KnownField): void {
  const { field } = place;
  if (isMap) for (const [, value] of entries(field)) look(report, { ...place, field: value });
  else if (Array.isArray(field.value))
    for (const item of items(field)) look(report, { ...place, field: item });
  else look(report, place);
}

function reportUnknown(
  report: Report,
  { key, path, type, fields }: { key: string; path: Field['path']; type: string; fields: readonly string[] },
): void {
  const near = fields.find((name) => fold(name) === fold(key));
  const wanted =
    near === undefined
      ? fields.length > 12
        ? ''
        : `, wanted one of ${fields.join(', ')}`
      : `, wanted ${near}`;
  report(
    'unknown-field',
    { path },
    `found the field ${quote(key)}, which ${nouns[type] ?? 'Tekton'} does not have${wanted}`,
  );
}

const nouns: Readonly<Record<string, string>> = {
  TaskSpec: 'a Task',
  EmbeddedTask: 'a Task',
  PipelineSpec: 'a Pipeline',
  PipelineTask: 'a pipeline task',
  StepActionSpec: 'a StepAction',
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
