/** Thrown by what reads the value of an option; the parser names the option and the text. */
export class InvalidValue extends Error {
  readonly wanted: string;

  /** `wanted` as it is put behind that word: `a port, 0 to 65535`. */
  constructor(wanted: string) {
    super(`wanted ${wanted}`);
    this.wanted = wanted;
    this.name = 'InvalidValue';
  }
}
