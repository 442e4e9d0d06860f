import { yamlText } from './yaml-scalar.js';

/** What the documents of this project are made of; members that are undefined are left out. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue | undefined };

/**
 * A document as YAML text, keys in the order of the object. The same document always gives the same bytes, which the
 * content hash names, and every YAML reader reads back the same document.
 *
 * Beside `tekton/yaml/write-yaml`, which prints objects for people and for kubectl as they write them (literal blocks, lists
 * without indent, single quotes): the two give other bytes for the same value, and the bytes of these documents are hashed,
 * committed and registered, so neither can take the place of the other.
 */
export function writeDocument(
  document: Readonly<Record<string, unknown>>,
  { header }: { header: string },
): string {
  return `${[header, ...mapLines(document as Readonly<Record<string, PlainValue>>, '')].join('\n')}\n`;
}

function mapLines(map: { readonly [key: string]: PlainValue | undefined }, indent: string): string[] {
  return Object.entries(map).flatMap(([key, value]) =>
    value === undefined ? [] : entryLines(`${indent}${yamlText(key)}:`, value, indent),
  );
}

function entryLines(start: string, value: PlainValue, indent: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${start} ${scalar(value)}`];
  if (isList(value)) {
    if (value.length === 0) return [`${start} []`];
    return [start, ...value.flatMap((item) => itemLines(item, `${indent}  `))];
  }
  const lines = mapLines(value, `${indent}  `);
  return lines.length === 0 ? [`${start} {}`] : [start, ...lines];
}

/** The first line of what an item holds is behind its dash. */
function itemLines(item: PlainValue, indent: string): string[] {
  if (typeof item !== 'object' || item === null) return [`${indent}- ${scalar(item)}`];
  const inner = `${indent}  `;
  const [first, ...more] = isList(item)
    ? item.flatMap((child) => itemLines(child, inner))
    : mapLines(item, inner);
  if (first === undefined) return [`${indent}- ${isList(item) ? '[]' : '{}'}`];
  return [`${indent}- ${first.slice(inner.length)}`, ...more];
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value === 'string') return yamlText(value);
  // YAML 1.1 takes a number with an exponent and no point for text.
  const text = String(value);
  return typeof value === 'number' && /^-?\d+e/.test(text) ? text.replace('e', '.0e') : text;
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
