import type { CallOptions } from '../../content/store.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { BundleSpec } from '../../project/project.js';
import type { RegistryRepository } from '../../registry/repository.js';
import type { LocalBundle } from '../bundle/local-bundle.js';
import type { RecordPlan } from '../bundle/record-plan.js';
import type { Run } from '../run.js';
import type { LinkFinding, LinkName } from './verify-result.js';

/** How strictly links are verified. */
export interface VerifySettings {
  /** What `ensure --frozen` would refuse is drift too: an equivalent tag, entries that are not declared. Default false. */
  readonly frozen?: boolean;
  /** Read every blob, and query every pinned image. Default false. */
  readonly deep?: boolean;
}

/** One bundle with all that its links are about. */
export interface VerifySubject {
  readonly run: Run;
  readonly settings: VerifySettings;
  readonly spec: BundleSpec;
  readonly entry: LockEntry;
  /** What the sources give now. */
  readonly local: LocalBundle;
  /** The content that the committed files should have for the pinned digest. */
  readonly plan: RecordPlan;
  /** Undefined when offline. */
  readonly repository: RegistryRepository | undefined;
  readonly countRequest: () => void;
}

/** A check that two things agree. To add a link, add one of these to `links.ts`. */
export interface Link {
  readonly name: LinkName;
  /** Undefined where the bundle has no such link. Errors of a registry may be thrown: they make it `unknown`. */
  check(subject: VerifySubject, options: CallOptions): Promise<LinkFinding | undefined>;
}
