export type ByteRule = readonly (readonly [step: string, ...settings: unknown[]])[];
export declare function bytesByRule(rule: ByteRule): Uint8Array;
export type VectorInput =
  | string
  | { readonly base64: string }
  | { readonly before: string; readonly bytes: ByteRule; readonly after: string };
export declare function inputBytes(input: VectorInput): Uint8Array;
