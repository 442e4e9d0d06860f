import type { Token } from './token.js';
import { YamlProblem } from './yaml-problem.js';

/** What the tags of a document stand for: `!`, `!!` and what its %TAG directives declare. */
export class TagHandles {
  readonly #prefixes = new Map([
    ['!', '!'],
    ['!!', 'tag:yaml.org,2002:'],
  ]);
  readonly #declared = new Set<string>();

  addDirective(token: Token): void {
    const name = token.type === 'version-directive' ? '%YAML' : token.value;
    if (this.#declared.has(name)) throw new YamlProblem(token.offset, `found a second directive for ${name}`);
    this.#declared.add(name);
    if (token.type === 'tag-directive') {
      this.#prefixes.set(token.value, token.suffix);
    } else if (token.value !== '1.1') {
      throw new YamlProblem(
        token.offset,
        `found %YAML ${token.value}, wanted 1.1: Tekton sources are read as YAML 1.1`,
        'Remove the %YAML line',
      );
    }
  }

  resolve(token: Token): string {
    if (token.value === '') return token.suffix;
    const prefix = this.#prefixes.get(token.value);
    if (prefix !== undefined) return prefix + token.suffix;
    throw new YamlProblem(token.offset, `found the tag handle ${token.value}, and no %TAG directive for it`);
  }
}
