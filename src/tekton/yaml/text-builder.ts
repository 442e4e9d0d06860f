/** Enough to make joining cheap, few enough to be nothing beside the text. */
const MOST_PIECES = 1024;

/** Text that grows by pieces. A string that grows by `+=` keeps an object for each piece until it is read. */
export class TextBuilder {
  #text = '';
  #pieces: string[] = [];

  add(piece: string): void {
    if (piece !== '' && this.#pieces.push(piece) === MOST_PIECES) this.#join();
  }

  get isEmpty(): boolean {
    return this.#text === '' && this.#pieces.length === 0;
  }

  /** All of it; then it is empty again. */
  take(): string {
    this.#join();
    const text = this.#text;
    this.#text = '';
    return text;
  }

  #join(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#text += pieces.length === 1 ? pieces[0] : pieces.join('');
    this.#pieces = [];
  }
}
