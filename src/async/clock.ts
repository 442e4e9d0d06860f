/** Time as the rest of the code sees it; only cli/context.ts creates the real one. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `ring` after `ms`, unless what it returns is called before. */
  alarm(ms: number, ring: () => void): () => void;
}
