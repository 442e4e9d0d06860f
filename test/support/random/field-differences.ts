/**
 * Where our reading of a value and Go's decoding of it differ: on every path whose field has the type, in this form. The list
 * may only shrink; `test/interop/fields.test.ts` fails for an entry that no longer differs, and docs/explanation/yaml.md names each.
 */
export interface FieldDifference {
  /** As in the table of fields. */
  readonly type: string;
  /** The value as it is in JSON. */
  readonly form: string;
  readonly go: 'refuses' | 'accepts';
  readonly why: string;
}

export const fieldDifferences: readonly FieldDifference[] = [
  {
    type: 'quantity',
    form: '"\\u0035"',
    go: 'refuses',
    why: 'Go looks at the JSON text before it reads escapes; bundles reads the string first',
  },
];

/** The lines of docs/explanation/yaml.md about them. */
export function describeFieldDifferences(): string {
  return fieldDifferences
    .map(({ type, form, go, why }) => {
      const [theirs, ours] = go === 'refuses' ? ['refuses', 'accepts'] : ['accepts', 'refuses'];
      return `- A ${type} written in JSON as \`${form}\`: Go ${theirs} it, bundles ${ours} it. ${why}.`;
    })
    .join('\n');
}
