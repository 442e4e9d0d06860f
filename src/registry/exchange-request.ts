/** One request in words of the distribution specification. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/v2/<repository>/`, or a whole address that the registry gave. */
  readonly to: string | URL;
  /** The message's beginning: what we are doing, with its quoted subject. */
  readonly doing: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** How long the answer's head may take; 30 s. */
  readonly timeoutMs?: number;
  /** False for what must not be sent twice without a look in between. */
  readonly repeat?: boolean;
  readonly signal?: AbortSignal | undefined;
}
