import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { Fetch } from '../http/fetch.js';
import { createRegistryHandler } from '../registry-server/handler.js';
import { type Account, createAccounts, type Right } from './account.js';
import { type Fault, withFaults } from './fault.js';
import { withWords } from './manners.js';
import type { Profile } from './profile.js';
import { type ProfileName, profiles } from './profiles/named.js';
import { type SeenRequest, type Server, seeRequest } from './seen-request.js';
import { createRepositoryBook, type Stage } from './stage.js';
import { createTokenDesk } from './token-desk.js';

export interface FaultyRegistryOptions {
  /** Whose manners it has: the name of a profile or one of your own. Default `distribution`. */
  readonly profile?: ProfileName | Profile;
  /** What goes wrong; the first sees a request first. */
  readonly faults?: readonly Fault[];
  /** Who may log in, and what each may do. */
  readonly users?: Readonly<Record<string, Account>>;
  /** What strangers may do. Default: the profile's, but nothing where users are given to an open one. */
  readonly anonymous?: Right;
  /** Repositories that exist though they hold nothing. */
  readonly repositories?: readonly string[];
  /** A tag that exists stays what it is. */
  readonly immutableTags?: boolean;
  /** Directory that keeps the content. Default: a temporary one that is removed at the end. */
  readonly root?: string;
  /** For the life of tokens and for delays. */
  readonly clock?: Clock;
}

/** A faulty registry without an address. */
export interface FaultyRegistry {
  /** All that arrived so far, in order; yours to empty. */
  readonly requests: SeenRequest[];
  /** The content alone, to fill it and to look into it: no profile, no fault, nothing is written down. */
  readonly content: Fetch;
  /** True while the content is being read or written: no fault waits then. */
  busy(): boolean;
  answer(request: Request, server: Exclude<Server, 'stranger'>): Promise<Response>;
  remove(): Promise<void>;
}

/** Puts profile and faults around the content; `places` says later where it can be reached. */
export async function createFaultyRegistry(
  options: FaultyRegistryOptions,
  places: () => Pick<Stage, 'origin' | 'elsewhere'>,
): Promise<FaultyRegistry> {
  const { users = {}, faults = [], root, clock = systemClock } = options;
  const { profile: wanted = 'distribution', immutableTags = false, repositories = [] } = options;
  const profile = typeof wanted === 'string' ? profiles[wanted] : wanted;
  const directory = root ?? (await mkdtemp(join(tmpdir(), 'bundles-registry-')));
  const requests: SeenRequest[] = [];
  const { content, busy } = countRunning(createRegistryHandler({ root: directory }));
  const stage: Stage = {
    words: profile.words,
    clock,
    content,
    get origin() {
      return places().origin;
    },
    get elsewhere() {
      return places().elsewhere;
    },
    accounts: createAccounts(users, options.anonymous ?? defaultRight(profile, users)),
    tokens: createTokenDesk(clock),
    repositories: createRepositoryBook(content, repositories),
    immutableTags,
  };
  const registry = profile.wrap(withWords(content, stage), stage);
  const main = withFaults(faults, registry, stage);
  // Storage on another host gives what it holds to whoever knows the address.
  const storage = withFaults(faults, content, stage);
  return {
    requests,
    content,
    busy,
    answer(request, server) {
      requests.push(seeRequest(request, server));
      const api = new URL(request.url).pathname.startsWith('/v2/');
      return server === 'elsewhere' && api ? storage(request) : main(request);
    },
    async remove() {
      if (root === undefined) await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function defaultRight({ anonymous }: Profile, users: object): Right {
  return anonymous === 'push' && Object.keys(users).length > 0 ? 'nothing' : anonymous;
}

/** Answers are small and wholly at hand, so that what is not busy is truly idle. */
function countRunning(handler: Fetch): { readonly content: Fetch; readonly busy: () => boolean } {
  let running = 0;
  return {
    busy: () => running > 0,
    async content(request) {
      running++;
      try {
        const answer = await handler(request);
        if (answer.body === null || request.method === 'HEAD') return answer;
        return new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers });
      } finally {
        running--;
      }
    },
  };
}
