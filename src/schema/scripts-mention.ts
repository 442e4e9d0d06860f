import type { SchemaObject } from '../workflow/pipeline-params.js';

/** True where a word stands in what the objects of a bundle run: in scripts, commands, arguments and conditions. */
export function scriptsMention(objects: readonly SchemaObject[], word: string): boolean {
  if (word === '') return false;
  const alone = new RegExp(`(?<![A-Za-z0-9_])${literally(word)}(?![A-Za-z0-9_])`);
  return objects.some(({ json }) => textsIn(runningParts(json)).some((text) => alone.test(text)));
}

function literally(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Not what params and descriptions say: they name every value. */
function runningParts(json: Uint8Array): unknown {
  const object = JSON.parse(new TextDecoder().decode(json)) as { readonly spec?: object };
  return withoutWords(object.spec);
}

function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key]) => !['description', 'params', 'name', 'displayName'].includes(key),
  );
  return kept.map(([, child]) => withoutWords(child));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}
