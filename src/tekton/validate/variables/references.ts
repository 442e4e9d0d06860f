/**
 * How Tekton finds `$(PREFIX.name)`, `$(PREFIX["name"])` and `$(PREFIX['name'])` in a text. `prefix` is the source of a
 * regular expression, e.g. `context\.task`.
 */
export interface References {
  /** The names, as far as the first dot behind dot notation; several may be equal. */
  readonly names: readonly string[];
  /** True where dot notation goes on behind a second dot, which Tekton refuses wherever it looks. */
  readonly tooManyDots: boolean;
}

const none: References = { names: [], tooManyDots: false };

export function referencesIn(text: string, prefix: string): References {
  if (!text.includes('$(')) return none;
  const names: string[] = [];
  for (const { name, dotted } of find(text, prefix)) {
    const parts = dotted ? name.split('.') : [name];
    if (parts.length > 2) return { names, tooManyDots: true };
    names.push(parts[0] ?? '');
  }
  return { names, tooManyDots: false };
}

/** The same, with everything behind the prefix as the name. */
export function wholeReferencesIn(text: string, prefix: string): string[] {
  return text.includes('$(') ? find(text, prefix).map(({ name }) => name) : [];
}

/** The references themselves, `$(` and `)` included. */
export function referenceTexts(text: string, prefix: string): string[] {
  return text.includes('$(') ? find(text, prefix).map(({ whole }) => whole) : [];
}

/** A name without `[1]` and `[*]`. */
export function withoutIndex(name: string): string {
  return name.replace(/\[(?:[0-9])*\*?\]/g, '');
}

export function withoutStar(name: string): string {
  return name.endsWith('[*]') ? name.slice(0, -3) : name;
}

/** True for a text that is nothing but `$(PREFIX.name[*])`. */
export function isWholeListReference(text: string, prefix: string): boolean {
  const name = '[_a-zA-Z0-9.-]+\\[\\*\\]';
  return new RegExp(`^\\$\\(${prefix}(?:\\.${name}|\\["${name}"\\]|\\['${name}'\\])\\)$`).test(text);
}

/**
 * `referencesIn(text, PREFIX\\.NAME)` of every plain NAME that a text mentions, in one pass: there may be as many names
 * as references.
 */
export function keyReferencesIn(text: string, prefix: string): ReadonlyMap<string, References> {
  if (!text.includes('$(')) return new Map();
  const found = new Map<string, { readonly names: string[]; tooManyDots: boolean }>();
  const ends = new Map<string, number>();
  const close = closingFinder(text);
  const opening = new RegExp(`\\$\\(${prefix}\\.(${plainName.source})(\\.|\\["|\\[')`, 'g');
  for (const match of text.matchAll(opening)) {
    const [opened, object = '', mark = ''] = match;
    // What is inside a reference to the same object is part of its name.
    if (match.index < (ends.get(object) ?? 0)) continue;
    const name = close(match.index + opened.length, mark);
    if (name === undefined) continue;
    ends.set(object, name.end);
    const references = found.get(object) ?? { names: [], tooManyDots: false };
    found.set(object, references);
    const parts = mark === '.' ? name.text.split('.') : [name.text];
    if (references.tooManyDots) continue;
    if (parts.length > 2) references.tooManyDots = true;
    else references.names.push(parts[0] ?? '');
  }
  return found;
}

const plainName = /[A-Za-z0-9_-]+/;

/** True where a name within a regular expression means itself. */
export function isPlainName(name: string): boolean {
  return plainName.exec(name)?.[0] === name;
}

interface Found {
  readonly whole: string;
  readonly name: string;
  readonly dotted: boolean;
}

/** In time that grows with the text and no faster, whatever is there. */
function find(text: string, prefix: string): Found[] {
  const opening = openingOf(prefix);
  if (opening === undefined) return [];
  const found: Found[] = [];
  const close = closingFinder(text);
  opening.lastIndex = 0;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const [opened, mark = ''] = match;
    const name = close(match.index + opened.length, mark);
    if (name === undefined) continue;
    opening.lastIndex = name.end;
    found.push({ whole: text.slice(match.index, name.end), name: name.text, dotted: mark === '.' });
  }
  return found;
}

/** Reads the name that starts at `start`, behind `mark`, for starts that only increase; `end` is behind its last bracket. */
function closingFinder(
  text: string,
): (start: number, mark: string) => { readonly text: string; readonly end: number } | undefined {
  const next = new Map(['\n', ')', '"])', "'])"].map((close) => [close, seeker(text, close)]));
  return (start, mark) => {
    const close = mark === '.' ? ')' : `${mark.charAt(1)}])`;
    const end = next.get(close)?.(start) ?? -1;
    const lineEnd = next.get('\n')?.(start) ?? -1;
    if (end < 0 || (lineEnd >= 0 && lineEnd < end)) return undefined;
    return { text: text.slice(start, end), end: end + close.length };
  };
}

/** Finds the next `wanted` from ever later places, looking at each character once. */
function seeker(text: string, wanted: string): (from: number) => number {
  let at = -2;
  return (from) => {
    if (at !== -1 && at < from) at = text.indexOf(wanted, from);
    return at;
  };
}

const openings = new Map<string, RegExp | undefined>();

function openingOf(prefix: string): RegExp | undefined {
  if (openings.size > 1_000) openings.clear();
  if (!openings.has(prefix)) openings.set(prefix, compile(prefix));
  return openings.get(prefix);
}

/** Undefined where the prefix, which may hold a name as written, is not a regular expression: Tekton then finds nothing. */
function compile(prefix: string): RegExp | undefined {
  try {
    return new RegExp(`\\$\\((?:${prefix})(\\.|\\["|\\[')`, 'g');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
