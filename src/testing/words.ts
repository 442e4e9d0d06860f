import { refusal } from './refusal.js';

/** The registry's own words where registries differ. */
export interface Words {
  readonly tooManyRequests: () => Response;
  readonly tagImmutable: (tag: string) => Response;
  readonly unknownBlob: (digest: string) => Response;
}

/** As the specification, or distribution where it says nothing. */
export const plainWords: Words = {
  tooManyRequests: () => refusal(429, ['TOOMANYREQUESTS', 'too many requests']),
  tagImmutable: (tag) => refusal(409, ['TAG_IMMUTABLE', `tag ${tag} is immutable`]),
  unknownBlob: (digest) =>
    refusal(400, ['MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'], { detail: { digest } }),
};
