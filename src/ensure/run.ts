import type { Clock } from '../async/clock.js';
import type { Limiter } from '../async/limiter.js';
import type { AuditTrail } from '../catalog/audit/audit-trail.js';
import type { CatalogTarget } from '../catalog/catalog-target.js';
import type { CallOptions } from '../content/store.js';
import type { Send } from '../http/message.js';
import type { ImageResolver } from '../images/image-resolver.js';
import type { Lock, LockEntry } from '../project/lock/lock.js';
import type { Project } from '../project/project.js';
import type { FallbackTarget } from '../publish/fallback-target.js';
import type { Policy } from '../publish/policy.js';
import type { RegistryClient } from '../registry/client.js';
import type { RegistryRepository } from '../registry/repository.js';
import type { BuildCache } from './bundle/build-cache.js';
import type { OnEvent } from './events.js';
import type { BundleResult, BundleSignature, PartResult } from './result.js';
import type { SchemaLocation } from './schemas/schema-file.js';

/** One run over one project: what is the same for all its bundles. */
export interface Run {
  readonly project: Project;
  /** `check` decides and changes nothing. */
  readonly mode: 'ensure' | 'check';
  readonly policy: Policy;
  /** Whether a digest first gets a separate tag when its tag moves. */
  readonly keepOld: boolean;
  /** Nothing outside the state directory may change. */
  readonly frozen: boolean;
  /** No requests are sent. */
  readonly offline: boolean;
  /** Undefined if the declared registries are not queried. */
  readonly registries: Registries | undefined;
  /** Undefined where no fallback is allowed. */
  readonly fallback: FallbackTarget | undefined;
  /** `created` as a flag or the environment requests it. */
  readonly created: string | undefined;
  /** Where workflow schemas are written; undefined where none are. */
  readonly schemas: SchemaLocation | undefined;
  /** An overridden run has no lock to write. */
  readonly lock: { readonly read: string; readonly write: string | undefined };
  readonly stateDirectory: string;
  /** Undefined where workflows are registered nowhere. */
  readonly catalog: CatalogTarget | undefined;
  /** Undefined where nothing is signed. */
  readonly sign: SignBundle | undefined;
  /** Undefined for a run over all shards. */
  readonly shard: RunShard | undefined;
  /** Undefined where the outcomes of bundles are not reported. */
  readonly audit: Pick<AuditTrail, 'record'> | undefined;
  /** Labels or annotations of this run alone are put on every bundle, so that digests are not those of the lock. */
  readonly labelled: boolean;
  /** A bundle is published only from files that are committed. */
  readonly requireClean: boolean;
  /** Returns the files that differ from the last commit; undefined if that cannot be determined. */
  readonly uncommitted: (
    files: readonly string[],
    options: CallOptions,
  ) => Promise<ReadonlySet<string> | undefined>;
  /** Bundles named on the command line; none means all. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly onEvent: OnEvent;
  /** Undefined where everything is to be built: frozen runs trust nothing but the sources. */
  readonly cache?: BuildCache | undefined;
  /** Keeps one bundle's building from holding up the answers to others. */
  readonly turn: () => Promise<void>;
  /** Digests of images that are pinned in the built bundle. */
  readonly images: ImageResolver;
  /** Ask for all of them, whatever the lock states. */
  readonly refreshImages?: boolean;
  /** Bounds how many bundles are pushed at once. */
  readonly pushing: Limiter;
}

/** Makes sure that what a bundle's registry holds is signed. Rejects only when aborted. */
export type SignBundle = (
  bundle: {
    readonly name: string;
    readonly digest: string;
    readonly repository: RegistryRepository;
  },
  options: CallOptions,
) => Promise<BundleSignature>;

/** A run over one shard of the bundles, which writes a part of the lock instead of the lock. */
export interface RunShard {
  holds(name: string): boolean;
  /**
   * Writes the part: the bundles of the run as the lock would have them, so that one that failed keeps the entry that it had
   * there for the same reference. @throws RegistryError, NOT_WRITABLE, DISK_FULL
   */
  write(
    reports: readonly { readonly result: BundleResult; readonly entry: LockEntry | undefined }[],
    lock: Lock,
    options: CallOptions,
  ): Promise<PartResult>;
}

export interface Registries {
  /** What both clients send by. */
  readonly send: Send;
  /** Asks with the credentials of this machine. */
  readonly registry: RegistryClient;
  /** Asks as a stranger. */
  readonly anonymous: RegistryClient;
}
