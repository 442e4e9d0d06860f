import type { Fetch } from '../http/fetch.js';
import type { Right } from './account.js';
import { refusal } from './refusal.js';
import type { Stage } from './stage.js';

/** How one kind of registry differs from the specification: wrapped around a registry that keeps to it. */
export interface Profile {
  readonly name: string;
  /** What strangers may do unless the test says otherwise. */
  readonly anonymous: Right;
  /** Puts the registry's manners around plain content. */
  wrap(next: Fetch, stage: Stage): Fetch;
  readonly words: Words;
}

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
