import type { Digest } from '../oci/digest.js';

/**
 * What the repositories of one registry got during a run, as one of them sees it: a blob that one holds is mounted by the
 * others, and is sent once, however many copies want it at the same time.
 */
export interface BlobLedger {
  /** Runs `move` when no other copy of the run is about that blob, with the repositories that hold it. */
  once(digest: Digest, move: (holders: readonly string[]) => Promise<void>): Promise<void>;
}

/** The ledger of one registry, for each repository that is written to. */
export interface RegistryLedger {
  /** `source`: a repository of the same registry that holds everything that will be copied. */
  of(repository: string, source?: string): BlobLedger;
}

export function createRegistryLedger(): RegistryLedger {
  const holders = new Map<Digest, Set<string>>();
  const moving = new Map<Digest, Promise<void>>();
  const settled = (task: Promise<void>) =>
    task.then(
      () => undefined,
      () => undefined,
    );
  return {
    of: (repository, source) => ({
      async once(digest, move) {
        // A failure of the other one is its own: this copy then tries itself.
        for (let other = moving.get(digest); other && !holders.has(digest); other = moving.get(digest))
          await other;
        const known = [...(source === undefined ? [] : [source]), ...(holders.get(digest) ?? [])];
        const task = move(known.filter((holder) => holder !== repository));
        const end = settled(task).then(() => {
          if (moving.get(digest) === end) moving.delete(digest);
        });
        moving.set(digest, end);
        await task;
        const held = holders.get(digest) ?? new Set();
        holders.set(digest, held.add(repository));
      },
    }),
  };
}
