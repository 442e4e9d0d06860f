/** A scalar as it is written, before numbers and words are worked out. */
export interface ScalarNode {
  readonly type: 'scalar';
  readonly offset: number;
  readonly value: string;
  /** In full, e.g. `tag:yaml.org,2002:int`; empty when there is none. */
  readonly tag: string;
  /** To be resolved by its looks: unquoted without a tag, or with the tag `!`. */
  readonly implicit: boolean;
}

/**
 * Receives the events of a document from the parser, in the order of the text. `Part` represents a node: the parser only
 * passes it to the collection that contains it.
 */
export interface Builder<Part> {
  scalar(scalar: ScalarNode, anchor: string | undefined): Part;
  /** @throws YamlProblem where no such anchor is before it */
  alias(name: string, offset: number): Part;
  openSequence(offset: number, anchor: string | undefined): void;
  openMapping(offset: number, anchor: string | undefined): void;
  item(part: Part): void;
  /** Each key is followed by its value. */
  key(part: Part, offset: number): void;
  value(part: Part, offset: number): void;
  /** Ends the collection that was opened last. */
  close(): Part;
}
