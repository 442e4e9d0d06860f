import type { YamlNode } from './node.js';
import { YamlProblem } from './yaml-problem.js';

const LOW = 400_000;
const HIGH = 4_000_000;
/** Ours: Go would go on and fill the memory with copies of long texts. */
const MOST_TEXT = 16 * 1024 * 1024;

/** go-yaml's guard against documents that grow by aliases: which part of all nodes may come from them. */
export class AliasBudget {
  /** How many aliases we are inside of. */
  depth = 0;
  #nodes = 1;
  #aliased = 0;
  #aliasedText = 0;

  count(node: YamlNode): void {
    this.#nodes++;
    if (this.depth === 0) return;
    this.#aliased++;
    if (node.type === 'scalar') this.#aliasedText += node.value.length;
    if (this.#aliasedText > MOST_TEXT) throw excessive(node);
    if (this.#aliased <= 100 || this.#nodes <= 1000) return;
    if (this.#aliased / this.#nodes <= allowedShare(this.#nodes)) return;
    throw excessive(node);
  }
}

function excessive(node: YamlNode): YamlProblem {
  return new YamlProblem(node.offset, 'found so many aliases that the document grows beyond measure');
}

function allowedShare(nodes: number): number {
  if (nodes <= LOW) return 0.99;
  if (nodes >= HIGH) return 0.1;
  return 0.99 - 0.89 * ((nodes - LOW) / (HIGH - LOW));
}
