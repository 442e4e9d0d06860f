import { type FieldType, objectType } from '../../objects/fields.js';
import { child, entries, type Field, items, textAt } from '../field.js';
import { quote, type Report } from '../problem.js';

/**
 * Every param that is passed has a value. Tekton decodes one without, and then cannot write the object: its webhook
 * refuses it, and so does the resolver that hands it to the cluster.
 */
export function checkValues(report: Report, object: Field): void {
  const type = objectType(textAt(object, 'apiVersion').text, textAt(object, 'kind').text);
  if (type !== undefined) look(report, object, type);
}

function look(report: Report, field: Field, type: FieldType): void {
  if (type.is === 'list') for (const item of items(field)) look(report, item, type.of.type);
  if (type.is === 'map') for (const [, value] of entries(field)) look(report, value, type.of.type);
  if (type.is !== 'struct' || !(field.value instanceof Map)) return;
  for (const [name, known] of type.fields) {
    if (known.type.is === 'param-value') {
      if (!known.isPointer && !field.value.has(name)) reportMissing(report, field, name);
    } else if (field.value.has(name)) {
      look(report, child(field, name), known.type);
    }
  }
}

function reportMissing(report: Report, field: Field, key: string): void {
  const { text: name } = textAt(field, 'name');
  report(
    'no-missing-param-value',
    field,
    `found ${name === '' ? 'an element' : quote(name)} without ${key}, wanted one: Tekton cannot write such an object`,
  );
}
