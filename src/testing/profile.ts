import type { Fetch } from '../http/fetch.js';
import type { Right } from './account.js';
import type { Stage } from './stage.js';
import type { Words } from './words.js';

/** How one kind of registry differs from the specification: wrapped around a registry that keeps to it. */
export interface Profile {
  readonly name: string;
  /** What strangers may do unless the test says otherwise. */
  readonly anonymous: Right;
  /** Puts the registry's manners around plain content. */
  wrap(next: Fetch, stage: Stage): Fetch;
  readonly words: Words;
}
