import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';

export type YamlPath = readonly (string | number)[];

/** Where something stands in a text, counted from 1; `source` is a plain scalar's text as written. */
export interface YamlPosition {
  readonly line: number;
  readonly column: number;
  readonly source: string | undefined;
}

interface PlacedNode {
  readonly start: number;
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
  const root = placeNodes(text);
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
    return { ...positionOf(text, found.start), source: complete ? node.source : undefined };
  };
}

/** The line and column of an offset, counted from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, offset));
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

function placeNodes(text: string): PlacedNode {
  const events = parseEvents(text, {});
  const anchors = new Map<string, PlacedNode>();
  let index = events[0]?.type === EVENT_ID.DOCUMENT ? 1 : 0;

  function take(): PlacedNode {
    const event = events[index++];
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT)
      return nothing();
    if (event.type === EVENT_ID.ALIAS) {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      return { start: event.anchorStart - 1, source: undefined, entries: target?.entries ?? new Map() };
    }
    const node: PlacedNode = { start: startOf(event), source: sourceOf(text, event), entries: new Map() };
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node);
    if (event.type === EVENT_ID.SCALAR) return node;
    for (let item = 0; index < events.length && events[index]?.type !== EVENT_ID.POP; item++) {
      const keyEvent = events[index];
      const key = take();
      if (event.type === EVENT_ID.SEQUENCE) node.entries.set(item, { key, value: key });
      else node.entries.set(keyText(text, keyEvent), { key, value: take() });
    }
    index++;
    return node;
  }
  return take();
}

function nothing(): PlacedNode {
  return { start: 0, source: undefined, entries: new Map() };
}

function startOf(event: Extract<Event, { anchorStart: number }>): number {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type !== EVENT_ID.SCALAR) return event.start;
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  if (event.valueStart < 0 || event.valueStart === event.valueEnd) return quoted ? event.valueStart - 1 : -1;
  return quoted ? event.valueStart - 1 : event.valueStart;
}

function sourceOf(text: string, event: Event): string | undefined {
  if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return undefined;
  return text.slice(Math.max(0, event.valueStart), Math.max(0, event.valueEnd));
}

function keyText(text: string, event: Event | undefined): string {
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : '';
}
