import type { Cursor } from './cursor.js';
import { YamlProblem } from './yaml-problem.js';

interface LocalBundle {
  possible: boolean;
  required: boolean;
  number: number;
  offset: number;
  line: number;
  column: number;
}

/** The longest key without `? `, in characters. */
const LONGEST_KEY = 1024;

/**
 * Which token may turn out to start a `key: value` pair: one candidate per level of brackets, forgotten
 * at the line's end or after 1024 characters.
 */
export class SimpleKeys {
  /** Whether a key may start at the next token. */
  allowed = true;
  readonly #cursor: Cursor;
  readonly #levels: LocalBundle[] = [impossible(-1)];
  readonly #byNumber = new Map<number, LocalBundle>();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** Whether the token of this number may still become a key's start. */
  mayStart(number: number): boolean {
    const candidate = this.#byNumber.get(number);
    return candidate !== undefined && this.#isFresh(candidate);
  }

  save(number: number, required: boolean): void {
    const cursor = this.#cursor;
    this.remove();
    const candidate = this.#last;
    candidate.possible = true;
    candidate.required = required;
    candidate.number = number;
    candidate.offset = cursor.offset;
    candidate.line = cursor.line;
    candidate.column = cursor.column;
    this.#byNumber.set(number, candidate);
  }

  /** Forgets the innermost candidate. */
  remove(): void {
    const candidate = this.#last;
    if (!candidate.possible) return;
    if (candidate.required) throw missingColon(candidate);
    candidate.possible = false;
    this.#byNumber.delete(candidate.number);
  }

  /** The innermost candidate, now that its `:` was found; undefined when there is none. */
  take(): Readonly<LocalBundle> | undefined {
    const candidate = this.#last;
    if (!this.#isFresh(candidate)) return undefined;
    candidate.possible = false;
    this.#byNumber.delete(candidate.number);
    return candidate;
  }

  openLevel(number: number): void {
    this.#levels.push(impossible(number));
  }

  closeLevel(): void {
    const level = this.#levels.pop();
    // As go-yaml: the level keeps its bracket's number until a key is saved in it, so that an empty
    // pair of brackets also withdraws itself as a key.
    if (level !== undefined) this.#byNumber.delete(level.number);
  }

  #isFresh(candidate: LocalBundle): boolean {
    if (!candidate.possible) return false;
    const cursor = this.#cursor;
    if (candidate.line === cursor.line && !this.#isTooLong(candidate.offset)) return true;
    if (candidate.required) throw missingColon(candidate);
    candidate.possible = false;
    this.#byNumber.delete(candidate.number);
    return false;
  }

  #isTooLong(from: number): boolean {
    const units = this.#cursor.offset - from;
    if (units <= LONGEST_KEY) return false;
    return units > 2 * LONGEST_KEY || this.#cursor.characters(from, this.#cursor.offset) > LONGEST_KEY;
  }

  get #last(): LocalBundle {
    return this.#levels[this.#levels.length - 1] as LocalBundle;
  }
}

function impossible(number: number): LocalBundle {
  return { possible: false, required: false, number, offset: 0, line: 0, column: 0 };
}

function missingColon(candidate: LocalBundle): YamlProblem {
  return new YamlProblem(
    candidate.offset,
    'found a line that should be a key but has no ": " behind it',
    'Write "key: value", or indent the line if it continues the value before it',
  );
}
