/** A pattern cut at its slashes: what each part of a path must be. */
export type GlobPart =
  | { readonly kind: 'any-depth' }
  | { readonly kind: 'name'; readonly matches: (name: string) => boolean };

/** True where `*` or `?` make a pattern of a path. */
export function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/**
 * The parts of a glob: `*` is any run of characters of one name, `?` one of them, a part that is `**` any number of
 * directories, none too. Names that begin with a dot are matched only by a part that begins with one.
 */
export function globParts(pattern: string): readonly GlobPart[] {
  return pattern
    .split('/')
    .map((part) => (part === '**' ? { kind: 'any-depth' } : { kind: 'name', matches: nameMatcher(part) }));
}

function nameMatcher(part: string): (name: string) => boolean {
  if (!isGlob(part)) return (name) => name === part;
  const hidden = part.startsWith('.');
  const pieces = part.split(/\*+/);
  return (name) => (hidden || !name.startsWith('.')) && matchesPieces(name, pieces);
}

/** The pieces between stars: first and last at the ends, each other one as early as it fits. */
function matchesPieces(name: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return name.length === first.length && fitsAt(name, first, 0);
  if (name.length < first.length + last.length || !fitsAt(name, first, 0)) return false;
  if (!fitsAt(name, last, name.length - last.length)) return false;
  let position = first.length;
  for (const piece of rest) {
    while (position + piece.length <= name.length - last.length && !fitsAt(name, piece, position)) position++;
    if (position + piece.length > name.length - last.length) return false;
    position += piece.length;
  }
  return true;
}

function fitsAt(name: string, piece: string, offset: number): boolean {
  for (let index = 0; index < piece.length; index++)
    if (piece[index] !== '?' && piece[index] !== name[offset + index]) return false;
  return true;
}
