import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import { linesOf } from './excerpt.js';

/** The keys and indexes that lead to a value of a YAML document. */
export type YamlPath = readonly (string | number)[];

/** Where something is in a text, counted from 1; `source` is a plain scalar's text as written. */
export interface YamlPosition {
  readonly line: number;
  readonly column: number;
  /** Characters of the line that it takes. */
  readonly length: number;
  readonly source: string | undefined;
  /** False where the path does not exist, so that an ancestor is given. */
  readonly isFound: boolean;
}

interface PlacedNode {
  readonly start: number;
  /** Of a scalar; the start for everything else. */
  readonly end: number;
  readonly source: string | undefined;
  readonly entries: Map<string | number, { readonly key: PlacedNode; readonly value: PlacedNode }>;
}

/**
 * Finds where the nodes of a YAML text stand. Made only once there is an error to report, since the reader
 * itself keeps no positions. A path that does not exist gives its nearest existing ancestor.
 */
export function createYamlLocator(
  text: string,
): (path: YamlPath, at: 'key' | 'value' | 'absent') => YamlPosition {
  const { root } = placeNodes(text);
  return (path, at) => {
    let node = root;
    let key = root;
    let complete = true;
    for (const step of path) {
      const entry = node.entries.get(step);
      complete = entry !== undefined;
      if (entry === undefined) break;
      node = entry.value;
      key = entry.key;
    }
    const found = at === 'key' || !complete || node.start < 0 ? key : node;
    const source = complete ? node.source : undefined;
    return { ...positionOf(text, found.start), length: lengthOf(text, found), source, isFound: complete };
  };
}

/** A key that is more than once in one mapping. */
export interface RepeatedKey {
  readonly path: YamlPath;
  readonly times: number;
  /** Of its first occurrence. */
  readonly line: number;
}

/** The keys that a text repeats, in its order. */
export function findRepeatedKeys(text: string): readonly RepeatedKey[] {
  return [...placeNodes(text).repeated].map(([, { path, times, first }]) => ({
    path,
    times,
    line: positionOf(text, first.start).line,
  }));
}

function lengthOf(text: string, { start, end }: PlacedNode): number {
  if (end <= start) return 1;
  const lineEnd = text.slice(start, end).search(/[\r\n]/);
  return Math.max(1, lineEnd < 0 ? end - start : lineEnd);
}

/** The line and column of an offset, counted from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const lines = linesOf(text.slice(0, Math.max(0, offset)));
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

interface PlacedText {
  readonly root: PlacedNode;
  readonly repeated: ReadonlyMap<string, { path: YamlPath; times: number; readonly first: PlacedNode }>;
}

function placeNodes(text: string): PlacedText {
  const repeated = new Map<string, { path: YamlPath; times: number; readonly first: PlacedNode }>();
  const events = parseEvents(text, {});
  const anchors = new Map<string, PlacedNode>();
  let index = events[0]?.type === EVENT_ID.DOCUMENT ? 1 : 0;

  function take(path: YamlPath): PlacedNode {
    const event = events[index++];
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT)
      return nothing();
    if (event.type === EVENT_ID.ALIAS) {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      const start = event.anchorStart - 1;
      return { start, end: event.anchorEnd, source: undefined, entries: target?.entries ?? new Map() };
    }
    const start = startOf(event);
    const node: PlacedNode = {
      start,
      end: event.type === EVENT_ID.SCALAR ? endOf(event) : start,
      source: sourceOf(text, event),
      entries: new Map(),
    };
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node);
    if (event.type === EVENT_ID.SCALAR) return node;
    for (let item = 0; index < events.length && events[index]?.type !== EVENT_ID.POP; item++) {
      const keyEvent = events[index];
      const name = event.type === EVENT_ID.SEQUENCE ? item : keyText(text, keyEvent);
      const key = take([...path, name]);
      if (event.type === EVENT_ID.SEQUENCE) node.entries.set(item, { key, value: key });
      else {
        const before = node.entries.get(name);
        if (before !== undefined) repeat([...path, name], before.key);
        node.entries.set(name, { key, value: take([...path, name]) });
      }
    }
    index++;
    return node;
  }

  function repeat(path: YamlPath, first: PlacedNode): void {
    const id = JSON.stringify(path);
    const known = repeated.get(id);
    if (known === undefined) repeated.set(id, { path, times: 2, first });
    else known.times++;
  }
  return { root: take([]), repeated };
}

function nothing(): PlacedNode {
  return { start: 0, end: 0, source: undefined, entries: new Map() };
}

function startOf(event: Extract<Event, { anchorStart: number }>): number {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type !== EVENT_ID.SCALAR) return event.start;
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  if (event.valueStart < 0 || event.valueStart === event.valueEnd) return quoted ? event.valueStart - 1 : -1;
  return quoted ? event.valueStart - 1 : event.valueStart;
}

function endOf(event: Extract<Event, { valueEnd: number }>): number {
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? event.valueEnd + 1 : event.valueEnd;
}

function sourceOf(text: string, event: Event): string | undefined {
  if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return undefined;
  return text.slice(Math.max(0, event.valueStart), Math.max(0, event.valueEnd));
}

function keyText(text: string, event: Event | undefined): string {
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : '';
}
