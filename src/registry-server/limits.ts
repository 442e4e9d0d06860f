/** What one registry accepts. Every number is an upper bound. */
export interface RegistryLimits {
  /** Bytes of one manifest. The specification wants at least 4 MiB, and other registries stop there. Default 4 MiB. */
  readonly manifestBytes: number;
  /** Bytes of one blob, however it is uploaded. Default 1 GiB. */
  readonly blobBytes: number;
  /** Uploads open at once, over all repositories. Default 1000. */
  readonly uploads: number;
  /** Uploads that one client, by its address, has open in one process. Default a quarter of `uploads`. */
  readonly uploadsOfClient: number;
  /** Bytes of everything together, by the size of files, whichever process stored them. Default 10 GiB. */
  readonly diskBytes: number;
  /** Milliseconds without a byte after which an upload session is forgotten. Default an hour. */
  readonly uploadIdleMs: number;
}

const mebibyte = 1024 * 1024;

export function completeLimits({
  manifestBytes = 4 * mebibyte,
  blobBytes = 1024 * mebibyte,
  uploads = 1000,
  uploadsOfClient = Math.ceil(uploads / 4),
  diskBytes = 10 * 1024 * mebibyte,
  uploadIdleMs = 60 * 60 * 1000,
}: Partial<RegistryLimits> = {}): RegistryLimits {
  return { manifestBytes, blobBytes, uploads, uploadsOfClient, diskBytes, uploadIdleMs };
}
