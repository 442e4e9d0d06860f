/** What every command takes that asks a registry. */
export interface NetworkOptions {
  readonly plainHttp?: readonly string[];
  readonly insecureSkipTlsVerify?: readonly string[];
  readonly caFile?: readonly string[];
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly trustRegistry?: readonly string[];
  readonly ciCredentials?: boolean;
  /** Seconds. */
  readonly timeout?: number;
  /** Seconds. */
  readonly connectTimeout?: number;
  readonly maxRequests?: number;
  readonly debug?: boolean;
}
