import type { ScalarNode } from './builder.js';

export type TokenType =
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** All of one shape, and a scalar is its own node: most of a text is scalars without anchor and tag. */
export type Token = OtherToken | ScalarNode;

export interface OtherToken {
  readonly type: Exclude<TokenType, 'scalar'>;
  readonly offset: number;
  /** Name of an anchor or alias; handle of a tag; handle or version of a directive. */
  readonly value: string;
  /** Suffix of a tag; prefix of a %TAG directive. */
  readonly tag: string;
  readonly implicit: boolean;
}

export function simpleToken(type: OtherToken['type'], offset: number): Token {
  return { type, offset, value: '', tag: '', implicit: false };
}

/** A scalar without a tag; what is unquoted is resolved to numbers, booleans and null. */
export function scalarToken(value: string, offset: number, implicit: boolean): Token {
  return { type: 'scalar', offset, value, tag: '', implicit };
}
