/** The forms in which signatures are stored: sigstore bundles as referrers, layers at the tag `sha256-<hex>.sig`, or both. */
export const signatureStorages = ['referrer', 'tag', 'both'] as const;

export type StorageChoice = (typeof signatureStorages)[number];
