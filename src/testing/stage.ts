import type { Clock } from '../async/clock.js';
import type { Fetch } from '../http/fetch.js';
import type { Accounts } from './account.js';
import type { TokenDesk } from './token-desk.js';
import type { Words } from './words.js';

/** What the profile and the faults of one faulty registry share. */
export interface Stage {
  readonly words: Words;
  readonly clock: Clock;
  /** Scheme, host and port of the registry. */
  readonly origin: string;
  /** Its second origin: token services and storage of some registries live on another host. */
  readonly elsewhere: string;
  /** The content alone: no profile, no fault, and nobody writes down what is asked. */
  readonly content: Fetch;
  readonly accounts: Accounts;
  readonly tokens: TokenDesk;
  readonly repositories: RepositoryBook;
  /** A tag that exists stays what it is. */
  readonly immutableTags: boolean;
}

/** Which repositories exist: those made on purpose, and those that hold content. */
export interface RepositoryBook {
  exists(name: string): Promise<boolean>;
  create(name: string): void;
}

export function createRepositoryBook(content: Fetch, given: readonly string[]): RepositoryBook {
  const made = new Set(given);
  return {
    async exists(name) {
      if (made.has(name)) return true;
      const answer = await content(new Request(`http://content.invalid/v2/${name}/tags/list`));
      await answer.body?.cancel();
      return answer.status === 200;
    },
    create: (name) => void made.add(name),
  };
}
