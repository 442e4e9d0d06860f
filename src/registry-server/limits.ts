/** What one registry accepts; every number is an upper bound. */
export interface RegistryLimits {
  /** Bytes of one manifest. The specification wants at least 4 MiB, and other registries stop there. */
  readonly manifestBytes: number;
  /** Bytes of one blob, however it is uploaded. */
  readonly blobBytes: number;
  /** Upload sessions open at once, over all repositories. */
  readonly uploads: number;
  /** Bytes of everything together, by the size of files; what somebody else stores there counts too. */
  readonly diskBytes: number;
  /** Milliseconds without a byte after which an upload session is forgotten. */
  readonly uploadIdleMs: number;
}

export const defaultLimits: RegistryLimits = {
  manifestBytes: 4 * 1024 * 1024,
  blobBytes: 1024 * 1024 * 1024,
  uploads: 1000,
  diskBytes: Number.POSITIVE_INFINITY,
  uploadIdleMs: 60 * 60 * 1000,
};
