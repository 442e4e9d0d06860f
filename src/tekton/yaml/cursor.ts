/**
 * A place in a text. Offsets are UTF-16 units, as everywhere in JavaScript; columns are counted in
 * characters, as go-yaml does, because they decide about nesting.
 */
export class Cursor {
  readonly text: string;
  /** The units of the text: much cheaper to look at than the text. NULs follow, so that looking ahead needs no check. */
  readonly codes: Uint16Array;
  offset = 0;
  line = 0;
  lineStart = 0;
  /** How many surrogate pairs lie before each unit; where there are none at all, the mask leads to one zero. */
  readonly #pairs: Uint32Array;
  readonly #mask: number;

  constructor(text: string) {
    this.text = text;
    this.codes = codesOf(text);
    const isWide = /[\ud800-\udfff]/.test(text);
    this.#pairs = isWide ? countPairs(this.codes) : noPairs;
    this.#mask = isWide ? -1 : 0;
  }

  /** The character here, or `ahead` units further. */
  code(ahead = 0): number {
    return this.codes[this.offset + ahead] as number;
  }

  get column(): number {
    return this.characters(this.lineStart, this.offset);
  }

  get atLineStart(): boolean {
    return this.offset === this.lineStart;
  }

  /** How many characters lie between two offsets. */
  characters(from: number, to: number): number {
    const pairs = this.#pairs;
    const mask = this.#mask;
    return to - from - ((pairs[to & mask] as number) - (pairs[from & mask] as number));
  }

  /** Steps over the break here and states how it counts inside a scalar. */
  takeBreak(): string {
    const code = this.code();
    this.offset += code === 13 && this.code(1) === 10 ? 2 : 1;
    this.line++;
    this.lineStart = this.offset;
    if (code === 0x2028) return '\u2028';
    return code === 0x2029 ? '\u2029' : '\n';
  }

  /** Steps over blanks, then over a comment; a `#` needs no blank before it here. */
  skipBlanksAndComment(): void {
    while (isBlank(this.code())) this.offset++;
    this.skipComment();
  }

  skipComment(): void {
    if (this.code() === 35) this.skipToBreak();
  }

  /** Steps to the line's end. */
  skipToBreak(): void {
    const { codes } = this;
    let at = this.offset;
    while (!isBreakOrEnd(codes[at] as number)) at++;
    this.offset = at;
  }

  /** True at a `---` or `...` that is alone at the start of a line. */
  atDocumentMarker(): boolean {
    if (!this.atLineStart) return false;
    const code = this.code();
    if ((code !== 45 && code !== 46) || this.code(1) !== code || this.code(2) !== code) return false;
    const next = this.code(3);
    return isBlank(next) || next === 0 || isBreak(next);
  }
}

const NULS = 4;

function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length + NULS);
  Buffer.from(codes.buffer).write(text, 'utf16le');
  return codes;
}

/** For each unit of a text, how many surrogate pairs lie before it: counted once, so that a column costs the same wherever it is. */
function countPairs(codes: Uint16Array): Uint32Array {
  const pairs = new Uint32Array(codes.length + 1);
  let count = 0;
  for (let at = 0; at < codes.length; at++) {
    if (isLowSurrogate(codes[at] as number)) count++;
    pairs[at + 1] = count;
  }
  return pairs;
}

const noPairs = new Uint32Array(1);

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Line breaks of YAML 1.1: LF, CR, NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR. */
export function isBreak(code: number): boolean {
  if (code < 0x85) return code === 10 || code === 13;
  return code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** A space or a tab. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** A blank, a break or the end of the text (NUL: the reader lets no NUL of the text through). */
export function isBlankOrEnd(code: number): boolean {
  if (code > 32 && code < 0x85) return false;
  return code === 32 || code === 0 || code === 9 || isBreak(code);
}

export function isBreakOrEnd(code: number): boolean {
  if (code > 13 && code < 0x85) return false;
  return code === 0 || isBreak(code);
}

/** What names of anchors, tag handles and directives are made of. */
export function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45
  );
}
