import type { Clock } from '../async/clock.js';
import type { AuthorizationTarget, Authorizer } from '../auth/authorizer.js';
import type { Fetch } from '../http/fetch.js';
import type { MaySpeakTls } from '../http/may-speak-tls.js';
import type { Host } from './host.js';
import type { RequestBudget } from './request-budget.js';

/** What is known about who may do what in a repository, after at least one answer. */
export interface Access {
  /** The registry asked who we are. */
  readonly challenged: boolean;
  /** Where the credential that was sent stands (file and key); undefined when anonymous. */
  readonly credential: string | undefined;
}

/** All that the requests of one repository handle share. */
export interface Wire {
  readonly host: Host;
  /** As references write it, e.g. `docker.io`. */
  readonly registry: string;
  /** Empty where the registry as a whole is asked. */
  readonly repository: string;
  readonly fetch: Fetch;
  readonly maySpeakTls: MaySpeakTls | undefined;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly userAgent: string;
  /** Called for each request to the registry. */
  readonly count: () => void;
  /** Called for each token request that it causes. */
  readonly countToken: () => void;
  readonly countRetry: () => void;
  /** Called for each request that needed no token request, or was not sent because its host was given up. */
  readonly countSaved: () => void;
  readonly budget: RequestBudget;
  /** Passes on what an answer of that host warns of. */
  readonly warn: (host: string, headers: Headers) => void;
  readonly noteAccess: (access: Access) => void;
  readonly target: () => AuthorizationTarget;
}
