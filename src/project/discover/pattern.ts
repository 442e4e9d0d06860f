/**
 * Paths with placeholders, `task/{name}/{version}/{name}.yaml`: how they are read, what they match, and the texts that
 * are made of what they matched.
 */

/** What a part of a path is made of, between two slashes. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `*`, or `?` where it is exactly one character. */
  | { readonly kind: 'any'; readonly exactlyOne: boolean }
  | { readonly kind: 'placeholder'; readonly name: string };

export type PathPart = readonly Piece[];

export interface PathPattern {
  readonly parts: readonly PathPart[];
  /** It ends with a slash: the matches are directories. */
  readonly directories: boolean;
  /** In the order of their first use. */
  readonly placeholders: readonly string[];
}

/** Text with placeholders that a match fills in. */
export type Template = readonly Exclude<Piece, { kind: 'any' }>[];

/** Values by placeholder. */
export type Values = Readonly<Record<string, string>>;

const placeholderForm = /^[a-z][A-Za-z0-9_]{0,49}$/;

/** The pattern of a normalised path; `wrong` where braces or stars do not stand as they must. */
export function parsePattern(path: string, directories: boolean): PathPattern | { readonly wrong: string } {
  const placeholders = new Set<string>();
  const parts: PathPart[] = [];
  for (const text of path.split('/')) {
    if (/\*\*/.test(text)) return { wrong: 'found **, wanted one part for each directory' };
    const pieces = readPieces(text, { wildcards: true });
    if ('wrong' in pieces) return pieces;
    const own = new Set<string>();
    let open = false;
    for (const piece of pieces) {
      const free = piece.kind === 'any' || (piece.kind === 'placeholder' && !placeholders.has(piece.name));
      const one = piece.kind === 'any' && piece.exactlyOne;
      if (free && open && !one)
        return { wrong: `found nothing between two placeholders of ${JSON.stringify(text)}, wanted text` };
      open = free && !one;
      if (piece.kind !== 'placeholder' || placeholders.has(piece.name)) continue;
      if (own.has(piece.name))
        return { wrong: `found {${piece.name}} for the first time twice in one part, wanted it once` };
      own.add(piece.name);
    }
    for (const name of own) placeholders.add(name);
    parts.push(pieces);
  }
  return { parts, directories, placeholders: [...placeholders] };
}

/** A text to be filled in; `wrong` where a brace does not belong to a placeholder. */
export function parseTemplate(text: string): Template | { readonly wrong: string } {
  const pieces = readPieces(text, { wildcards: false });
  return 'wrong' in pieces ? pieces : pieces.filter((piece) => piece.kind !== 'any');
}

export function placeholdersOf(template: Template): string[] {
  return template.flatMap((piece) => (piece.kind === 'placeholder' ? [piece.name] : []));
}

export function fillIn(template: Template, values: Values): string {
  return template
    .map((piece) =>
      piece.kind === 'text' ? piece.text : Object.hasOwn(values, piece.name) ? values[piece.name] : '',
    )
    .join('');
}

/** The one name that a part represents where nothing in it is open; undefined where something is. */
export function literalPart(part: PathPart, values: Values): string | undefined {
  let name = '';
  for (const piece of part) {
    if (piece.kind === 'any') return undefined;
    if (piece.kind === 'text') name += piece.text;
    else if (Object.hasOwn(values, piece.name)) name += values[piece.name];
    else return undefined;
  }
  return name;
}

/**
 * The values after a part took a name; undefined where it does not match. An earlier placeholder takes as many
 * characters as it can, each at least one. A hidden name is matched only by a part that begins with a dot.
 */
export function matchPart(part: PathPart, name: string, values: Values): Values | undefined {
  const [first] = part;
  if (name.startsWith('.') && !(first?.kind === 'text' && first.text.startsWith('.'))) return undefined;
  const taken: Record<string, string> = {};
  // Positions from which the rest does not match: the search stays quadratic in the length of a name.
  const dead = new Set<number>();
  const from = (index: number, position: number): boolean => {
    const piece = part[index];
    if (piece === undefined) return position === name.length;
    const key = index * (name.length + 1) + position;
    if (dead.has(key)) return false;
    if (matchPiece(piece, index, position)) return true;
    dead.add(key);
    return false;
  };
  const matchPiece = (piece: Piece, index: number, position: number): boolean => {
    if (piece.kind === 'text')
      return startsAt(name, piece.text, position) && from(index + 1, position + piece.text.length);
    if (piece.kind === 'placeholder' && Object.hasOwn(values, piece.name)) {
      const known = values[piece.name] ?? '';
      return startsAt(name, known, position) && from(index + 1, position + known.length);
    }
    if (piece.kind === 'any' && piece.exactlyOne)
      return position < name.length && from(index + 1, position + 1);
    const least = piece.kind === 'any' ? position : position + 1;
    for (let end = name.length; end >= least; end--) {
      if (!from(index + 1, end)) continue;
      if (piece.kind === 'placeholder') taken[piece.name] = name.slice(position, end);
      return true;
    }
    return false;
  };
  return from(0, 0) ? { ...values, ...taken } : undefined;
}

function startsAt(name: string, text: string, position: number): boolean {
  return name.startsWith(text, position);
}

function readPieces(
  text: string,
  { wildcards }: { wildcards: boolean },
): readonly Piece[] | { wrong: string } {
  const pieces: Piece[] = [];
  for (const [token] of text.matchAll(/\{[^{}]*\}|[{}]|[*?]|[^{}*?]+/g)) {
    if (token === '{' || token === '}')
      return { wrong: `found ${token} alone, wanted a placeholder such as {name}` };
    if (token.startsWith('{')) {
      const name = token.slice(1, -1);
      if (!placeholderForm.test(name))
        return {
          wrong: `found the placeholder ${JSON.stringify(token)}, wanted a name of letters, digits and _ that begins with a small letter`,
        };
      pieces.push({ kind: 'placeholder', name });
    } else if (wildcards && (token === '*' || token === '?'))
      pieces.push({ kind: 'any', exactlyOne: token === '?' });
    else pieces.push({ kind: 'text', text: token });
  }
  return pieces;
}
