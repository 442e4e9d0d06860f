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

export interface Token {
  readonly type: TokenType;
  readonly offset: number;
  /** Text of a scalar; name of an anchor or alias; handle of a tag; handle or version of a directive. */
  readonly value: string;
  /** Suffix of a tag; prefix of a %TAG directive. */
  readonly suffix: string;
  /** Only plain scalars are resolved to numbers, booleans and null. */
  readonly plain: boolean;
}

export function simpleToken(type: TokenType, offset: number): Token {
  return { type, offset, value: '', suffix: '', plain: false };
}

export function scalarToken(value: string, offset: number, plain: boolean): Token {
  return { type: 'scalar', offset, value, suffix: '', plain };
}
