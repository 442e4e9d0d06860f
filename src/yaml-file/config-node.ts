import { nearestOrLonger } from './nearest.js';
import { showText, showValue, writeText } from './show-text.js';
import type { YamlPath } from './yaml-position.js';

/** Where a problem is: at a mapping's key, at a value, or in that there is none. */
export type ProblemSpot = 'key' | 'value' | 'absent';

/** Something wrong in a file of ours, before its position is known. */
export interface Problem {
  readonly path: YamlPath;
  readonly at: ProblemSpot;
  readonly message: string;
  readonly hint: string | undefined;
  /** True where the value was meant as text and YAML took it for something else. */
  readonly unquoted: boolean;
}

/** A value of a parsed file with its path, and the list that collects what is wrong with the file. */
export interface ConfigNode {
  readonly value: unknown;
  readonly path: YamlPath;
  readonly problems: Problem[];
}

/** Enough to work with; a file with more is wrong as a whole. */
const problemLimit = 50;

export function report(
  node: ConfigNode,
  message: string,
  {
    hint,
    at = 'value',
    unquoted = false,
  }: { hint?: string | undefined; at?: ProblemSpot; unquoted?: boolean } = {},
): void {
  if (node.problems.length >= problemLimit) return;
  node.problems.push({ path: node.path, at, message, hint, unquoted });
}

/** The children of a mapping by key; undefined where it is absent or, reported, not a mapping. */
export function mappingAt(node: ConfigNode): ReadonlyMap<string, ConfigNode> | undefined {
  const { value, path, problems } = node;
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(node, `found ${showValue(value)}, wanted a mapping`, { hint: mappingHint(node) });
    return undefined;
  }
  const children = new Map<string, ConfigNode>();
  for (const [key, child] of Object.entries(value))
    children.set(key, { value: child, path: [...path, key], problems });
  return children;
}

/**
 * Like `mappingAt`, and every key must be a known one. Absent keys give nodes whose value is undefined, so
 * callers need no check of their own.
 */
export function recordAt<Key extends string>(
  node: ConfigNode,
  keys: readonly Key[],
  hints: Readonly<Record<string, string>> = {},
): Record<Key, ConfigNode> {
  const children = mappingAt(node);
  for (const [key, child] of children ?? []) {
    if (keys.includes(key as Key)) continue;
    const close = nearestOrLonger(key, keys);
    const hint = Object.hasOwn(hints, key) ? hints[key] : close && `Did you mean ${showText(close)}?`;
    report(child, `unknown key ${showText(key)}, wanted one of ${some(keys)}`, { hint, at: 'key' });
  }
  const absent = (key: Key): ConfigNode => ({
    value: undefined,
    path: [...node.path, key],
    problems: node.problems,
  });
  return Object.fromEntries(keys.map((key) => [key, children?.get(key) ?? absent(key)])) as Record<
    Key,
    ConfigNode
  >;
}

/** Enough for a person to look through. */
function some(keys: readonly string[]): string {
  const most = 14;
  return keys.length > most
    ? `${keys.slice(0, most).join(', ')} and ${keys.length - most} more`
    : keys.join(', ');
}

/** The items of a list; undefined where it is absent or, reported, not a list. */
export function listAt(node: ConfigNode): readonly ConfigNode[] | undefined {
  const { value, path, problems } = node;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    report(node, `found ${showValue(value)}, wanted a list`, { hint: listHint(node) });
    return undefined;
  }
  return value.map((item: unknown, index) => ({ value: item, path: [...path, index], problems }));
}

/** True where there is a value; an absent one is reported as `wanted`. */
export function requireAt(node: ConfigNode, wanted: string, hint?: string): boolean {
  if (node.value !== undefined) return true;
  report(node, `missing, wanted ${wanted}`, { hint, at: 'absent' });
  return false;
}

/** What is to be done about a value that is not there. */
export const nothingHint = 'Give it a value, or remove the key';

function mappingHint({ value, path }: ConfigNode): string | undefined {
  if (value === null) return path.length > 0 ? nothingHint : undefined;
  if (!Array.isArray(value)) return undefined;
  const [first] = value as unknown[];
  const name = typeof first === 'object' && first !== null ? (first as { name?: unknown }).name : first;
  const key = typeof name === 'string' ? writeText(name) : 'NAME';
  return `Write keys instead of list items: ${key}: instead of - ${typeof first === 'string' ? key : 'name:'}`;
}

function listHint({ value, path }: ConfigNode): string {
  if (value === null) return nothingHint;
  const key = path.at(-1);
  const before = typeof key === 'string' ? `${writeText(key)}: ` : '';
  if (typeof value !== 'object') return `Write ${before}[${writeText(String(value))}]`;
  const entries = Object.entries(value as object);
  const isSet = entries.length > 0 && entries.every(([, item]) => item === null);
  if (isSet)
    return `Write ${before}[${entries
      .slice(0, 5)
      .map(([name]) => writeText(name))
      .join(', ')}]`;
  return 'Begin each item with - on a line of its own, or write [a, b]';
}
