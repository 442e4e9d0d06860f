/** What a text says, before numbers, merges and aliases are worked out; every node knows its offset. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

export interface ScalarNode {
  readonly type: 'scalar';
  readonly offset: number;
  readonly value: string;
  /** In full, e.g. `tag:yaml.org,2002:int`; empty when there is none. */
  readonly tag: string;
  /** To be resolved by its looks: unquoted without a tag, or with the tag `!`. */
  readonly implicit: boolean;
}

export interface SequenceNode {
  readonly type: 'sequence';
  readonly offset: number;
  readonly items: YamlNode[];
}

export interface MappingNode {
  readonly type: 'mapping';
  readonly offset: number;
  /** Key, value, key, value … in the text's order. */
  readonly entries: YamlNode[];
}

export interface AliasNode {
  readonly type: 'alias';
  readonly offset: number;
  readonly name: string;
  readonly target: YamlNode;
}
