import { resolve } from 'node:path';
import type { Clock } from '../async/clock.js';
import type { BuildStep } from '../engine/build-steps.js';
import type { ContextRead } from '../engine/context/build-context.js';
import type { Engine } from '../engine/engine.js';
import type { MemoryFiles } from '../engine/memory.js';
import type { QueuePosition } from '../engine/slots/build-slot.js';
import type { SlotNote } from '../engine/slots/slot-note.js';
import type { BundlesError } from '../errors.js';
import type { Project } from '../project/project.js';
import type { RegistryClient } from '../registry/client.js';
import type { GivenSecret } from './image-secrets.js';

/** What happens to an image, for anyone who shows it. */
export type ImageEvent =
  | {
      readonly type: 'queued';
      readonly image: string;
      readonly place: QueuePosition;
      readonly for: 'slot' | 'key';
    }
  /** Its build context is read: many of these for each image. */
  | ({ readonly type: 'reading'; readonly image: string } & ContextRead)
  | { readonly type: 'building'; readonly image: string; readonly log: string }
  /** The build begins a step of its Containerfile. */
  | ({ readonly type: 'step'; readonly image: string } & BuildStep)
  /** `partial` grows to about `bytes`, where the engine reports how large the image is, and becomes `file`. */
  | {
      readonly type: 'exporting';
      readonly image: string;
      readonly file: string;
      readonly partial: string;
      readonly bytes: number | null;
    }
  | {
      readonly type: 'retrying';
      readonly image: string;
      readonly attempt: number;
      readonly failure: BundlesError;
    }
  | { readonly type: 'waiting'; readonly image: string; readonly failure: BundlesError }
  | { readonly type: 'pushing'; readonly image: string; readonly reference: string }
  | { readonly type: 'loading'; readonly image: string; readonly cluster: string }
  | { readonly type: 'warning'; readonly image: string; readonly message: string };

export interface KindClusters {
  readonly program: string;
  readonly clusters: readonly string[];
  /** Also what the registry has, which a cluster can pull. */
  readonly always: boolean;
}

/** One run over the images of one project. */
export interface ImageRun {
  readonly project: Project;
  /** Undefined when offline. */
  readonly registry: RegistryClient | undefined;
  readonly engine: Engine;
  /** What the engine and the builds see. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether images may be pushed. */
  readonly push: boolean;
  /** Takes names in the engine's store also from images that this project did not build. */
  readonly replace: boolean;
  /** Hosts without TLS. */
  readonly isPlainHttp: (registry: string) => boolean;
  /** `uses`: the directory where projects note what they need. */
  readonly slots: {
    readonly directory: string;
    readonly uses: string;
    /** Names those who share that directory, see `scopeOf`. */
    readonly scope: string;
    readonly limit: number | undefined;
    readonly waitTimeoutMs: number | undefined;
  };
  /** One image after the other. */
  readonly sequential: boolean;
  /** By id: what images may declare under `secrets:`. */
  readonly secrets: ReadonlyMap<string, GivenSecret>;
  /** Where logs are kept. */
  readonly directory: string;
  /** Files and directories that bundles writes, absolute: never part of a context, a key or a build. */
  readonly ownPaths: readonly string[];
  readonly timeoutMs: number;
  readonly recoveryMs: number;
  readonly minDiskBytes: number | undefined;
  readonly minMemoryBytes: number | undefined;
  readonly memory: MemoryFiles | undefined;
  readonly exportDirectory: string | undefined;
  readonly kind: KindClusters | undefined;
  readonly onEvent: (event: ImageEvent) => void;
}

/** What the file of a claim to a slot states of it. */
export function slotNote(
  { project, engine }: Pick<ImageRun, 'project' | 'engine'>,
  image: string,
  { service = false, task = 'build' }: Partial<Pick<SlotNote, 'service' | 'task'>> = {},
): SlotNote {
  return {
    task,
    project: resolve(project.file),
    image,
    engine: engine.name === 'none' ? null : engine.name,
    service,
  };
}
