/** The forms in which signatures are stored: sigstore bundles as referrers, layers at the tag `sha256-<hex>.sig`, or both. */
export const signatureStorages = ['referrer', 'tag', 'both'] as const;

/** How signatures are stored: as referrers, under tags, or both. */
export type StorageChoice = (typeof signatureStorages)[number];
