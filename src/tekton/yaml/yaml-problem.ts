/** Why a YAML text was refused, and at which offset of it; `parseYaml` turns it into a `BundlesError`. */
export class YamlProblem extends Error {
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(offset: number, message: string, hint?: string) {
    super(message);
    this.name = 'YamlProblem';
    this.offset = offset;
    this.hint = hint;
  }
}
