/** How registries and catalogs are reached: the flags that every command with a network has. */
export interface NetworkOptions {
  /** Hosts (with port) without TLS. Loopback hosts are detected. Default: none. */
  readonly plainHttp?: readonly string[];
  /** Hosts whose certificate is not checked. Default: none. */
  readonly insecureSkipTlsVerify?: readonly string[];
  /** PEM files of certificate authorities, beside those that Node trusts. Default: none. */
  readonly caFile?: readonly string[];
  /** PEM file of the client certificate; needs `keyFile`. */
  readonly certFile?: string;
  /** PEM file of the key of the client certificate. */
  readonly keyFile?: string;
  /** Registries whose settings in bundles.yaml apply also with a credential. Default: `BUNDLES_TRUST_REGISTRY`. */
  readonly trustRegistry?: readonly string[];
  /** Uses the credentials that GitHub Actions and GitLab CI give their jobs. Default false. */
  readonly ciCredentials?: boolean;
  /** Longest wait for a response, and for a host to recover, in seconds. Default 40. */
  readonly timeout?: number;
  /** Longest wait for a connection, TLS included, in seconds. Default 10. */
  readonly connectTimeout?: number;
  /** The most requests of the run. Default: no limit. */
  readonly maxRequests?: number;
  /** Logs each request without secrets. Default false. */
  readonly debug?: boolean;
}
