/** Why a document is no Tekton object; `readSources` adds file and line to it. */
export class FieldProblem extends Error {
  /** From the document's root, e.g. `['spec', 'steps', 0, 'image']`. */
  readonly path: readonly (string | number)[];
  readonly hint: string | undefined;

  constructor(path: readonly (string | number)[], message: string, hint?: string) {
    super(message);
    this.name = 'FieldProblem';
    this.path = path;
    this.hint = hint;
  }
}
