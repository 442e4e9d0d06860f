import type { ObjectOrigin } from '../../tekton/objects/object.js';
import type { LoadedBundle } from '../load-bundle.js';
import type { ChainLink } from './digest-chain.js';

/** One of two bundles whose digests differ. */
export interface ExplainedSide {
  readonly bundle: LoadedBundle;
  /** Where each layer's object came from, where that is known. */
  readonly origins?: readonly ObjectOrigin[];
  /** Bare files: only their objects are explained. Default false. */
  readonly isBare?: boolean;
}

/** Why two bundles have different digests. */
export interface DigestCause {
  /** The first link of the chain at which it shows. */
  readonly link: ChainLink;
  readonly cause: CauseName;
  /** E.g. `task build`; null where no single object is meant. */
  readonly object: string | null;
  /** The file of this side that the object comes from, where it is known. */
  readonly file: string | null;
  readonly here: string;
  readonly there: string;
  /** A sentence for people. */
  readonly message: string;
}

/** Why two digests differ, in one stable word. */
export type CauseName =
  | 'object-order'
  | 'object-added'
  | 'object-removed'
  | 'duplicate-document'
  | 'content-changed'
  | 'content-rewritten'
  | 'archive'
  | 'compression'
  | 'created'
  | 'created-zone'
  | 'label'
  | 'history'
  | 'platform'
  | 'config-other'
  | 'diff-ids'
  | 'layer-annotation'
  | 'annotation'
  | 'media-types'
  | 'manifest-other'
  | 'serialization'
  | 'index'
  | 'declaration';
