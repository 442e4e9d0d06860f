import type { Cursor } from './cursor.js';
import { YamlProblem } from './yaml-problem.js';

interface KeyCandidate {
  /** False when there is none at this level. */
  possible: boolean;
  /** False where its token need not wait in the queue any more, though a `:` may still make a key of it. */
  waits: boolean;
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
  /** One for each level, used again and again. */
  readonly #candidates: KeyCandidate[] = [noCandidate(-1)];
  #level = 0;
  /** No level below this one has a candidate that waits. */
  #lowest = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** Whether the token of this number, the first of the queue, may still become a key's start. */
  mayStart(number: number): boolean {
    // Deeper levels have later tokens, and a candidate that waits is in the queue.
    while (this.#lowest <= this.#level) {
      const candidate = this.#candidates[this.#lowest] as KeyCandidate;
      if (candidate.possible && candidate.waits)
        return candidate.number === number && this.#isFresh(candidate);
      this.#lowest++;
    }
    return false;
  }

  save(number: number, required: boolean): void {
    const cursor = this.#cursor;
    this.remove();
    const candidate = this.#innermost;
    candidate.possible = true;
    candidate.waits = true;
    candidate.required = required;
    candidate.number = number;
    candidate.offset = cursor.offset;
    candidate.line = cursor.line;
    candidate.column = cursor.column;
    if (this.#level < this.#lowest) this.#lowest = this.#level;
  }

  /** Forgets the innermost candidate. */
  remove(): void {
    const candidate = this.#innermost;
    if (!candidate.possible) return;
    if (candidate.required) throw missingColon(candidate);
    candidate.possible = false;
  }

  /** The innermost candidate, now that its `:` was found; undefined when there is none. */
  take(): Readonly<KeyCandidate> | undefined {
    const candidate = this.#innermost;
    if (!this.#isFresh(candidate)) return undefined;
    candidate.possible = false;
    return candidate;
  }

  /** `number` is that of the bracket. */
  openLevel(number: number): void {
    this.#level++;
    const candidate = this.#candidates[this.#level];
    if (candidate === undefined) {
      this.#candidates.push(noCandidate(number));
    } else {
      candidate.possible = false;
      candidate.number = number;
    }
  }

  closeLevel(): void {
    const { number } = this.#innermost;
    this.#level--;
    // As go-yaml: the level keeps its bracket's number until a key is saved in it, so that an empty
    // pair of brackets also withdraws itself as a key.
    const outer = this.#innermost;
    if (outer.number === number) outer.waits = false;
  }

  #isFresh(candidate: KeyCandidate): boolean {
    if (!candidate.possible) return false;
    const cursor = this.#cursor;
    if (candidate.line === cursor.line && !this.#isTooLong(candidate.offset)) return true;
    if (candidate.required) throw missingColon(candidate);
    candidate.possible = false;
    return false;
  }

  #isTooLong(from: number): boolean {
    const units = this.#cursor.offset - from;
    if (units <= LONGEST_KEY) return false;
    return units > 2 * LONGEST_KEY || this.#cursor.characters(from, this.#cursor.offset) > LONGEST_KEY;
  }

  get #innermost(): KeyCandidate {
    return this.#candidates[this.#level] as KeyCandidate;
  }
}

function noCandidate(number: number): KeyCandidate {
  return { possible: false, waits: false, required: false, number, offset: 0, line: 0, column: 0 };
}

function missingColon(candidate: KeyCandidate): YamlProblem {
  return new YamlProblem(
    candidate.offset,
    'found a line that should be a key but has no ": " after it',
    'Write "key: value", or indent the line if it continues the value before it',
  );
}
