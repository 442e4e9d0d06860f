import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { Clock } from '../async/clock.js';
import { createLimiter } from '../async/limiter.js';
import { createTurns } from '../async/turns.js';
import type { AuditTrail } from '../catalog/audit-trail.js';
import type { CatalogTarget } from '../catalog/catalog-target.js';
import { createImageResolver } from '../images/image-resolver.js';
import type { Project } from '../project/project.js';
import { embeddedFallback } from '../publish/embedded-fallback.js';
import type { FallbackTarget } from '../publish/fallback-target.js';
import { type OnDifferent, publishAllowed } from '../publish/policy.js';
import { registryFallback } from '../publish/registry-fallback.js';
import type { OnEvent } from './events.js';
import { applyProfile, type ProfileName } from './profiles.js';
import type { Registries, Run } from './run.js';

/** Bundles that are pushed at once: enough to keep a registry's queue full, few enough to keep memory flat. */
const pushedAtOnce = 32;

/** What a caller wants of one run; all but `mode` may be left out. */
export interface RunSettings {
  readonly mode: 'ensure' | 'check';
  /** Stands for the settings of a recipe; each of them may still be chosen. Default: none. */
  readonly profile?: ProfileName | undefined;
  /** Bundles to narrow the work to. Default: all. */
  readonly names?: readonly string[];
  /** False forbids publishing; true allows it where the project says `publish: ci`. Default: as the project says. */
  readonly push?: boolean | undefined;
  /** False forbids the fallback whatever the project says. */
  readonly fallback?: boolean | undefined;
  /** False asks the declared registries nothing: every bundle goes to the fallback, which may be another registry. */
  readonly ask?: boolean;
  /** Default `fail`. */
  readonly onDifferent?: OnDifferent;
  /** False lets a tag leave a digest without keeping it under an anchor. Default true. */
  readonly keepOld?: boolean;
  readonly frozen?: boolean;
  /** RFC 3339 text, see parseCreatedTime. */
  readonly created?: string;
  /** Default: `.bundles` beside bundles.yaml. */
  readonly stateDirectory?: string;
  /** Default: `bundles.lock` beside bundles.yaml, which an overridden run does not write. */
  readonly lockFile?: string;
}

export interface RunEnvironment {
  readonly clock: Clock;
  /** The run is a CI job: `publish: ci` allows it to publish. Default false. */
  readonly ci?: boolean;
  /** Undefined when offline. */
  readonly registries: Registries | undefined;
  /** Where workflows are registered; default: nowhere, whatever the project says. */
  readonly catalog?: CatalogTarget | undefined;
  /** Told the outcome of each bundle and each registration; who made it closes it after the run. */
  readonly audit?: Pick<AuditTrail, 'record'> | undefined;
  readonly onEvent?: OnEvent;
}

/** A run of a project by its own settings and the caller's. */
export function createRun(project: Project, chosen: RunSettings, environment: RunEnvironment): Run {
  const settings = applyProfile(chosen);
  const { clock, registries, catalog, audit, onEvent = () => undefined, ci = false } = environment;
  const { mode, names = [], push, ask = true, onDifferent = 'fail', created } = settings;
  const { frozen = false, keepOld = true } = settings;
  const state = settings.stateDirectory ?? join(project.directory, '.bundles');
  const fallback = settings.fallback === false ? undefined : fallbackTarget(project, { state, environment });
  const committedLock = join(project.directory, 'bundles.lock');
  return {
    project,
    mode,
    policy: {
      publish: publishAllowed(project.publish, push, ci),
      onDifferent,
      fallback: fallback !== undefined,
    },
    keepOld,
    frozen,
    offline: registries === undefined,
    registries: ask ? registries : undefined,
    fallback,
    created,
    schemas: schemaLocation(project, { state, lockFile: settings.lockFile ?? committedLock }),
    lock: {
      read: settings.lockFile ?? committedLock,
      write: settings.lockFile ?? (project.overridden ? undefined : committedLock),
    },
    stateDirectory: state,
    catalog,
    audit: mode === 'ensure' ? audit : undefined,
    names,
    clock,
    onEvent,
    turn: createTurns(),
    images: createImageResolver(ask ? registries?.registry : undefined),
    pushing: createLimiter(pushedAtOnce),
  };
}

/** Directory of the embedded registry's layouts within a state directory. */
export function registryRoot(stateDirectory: string): string {
  return join(stateDirectory, 'registry');
}

function fallbackTarget(
  { fallback }: Project,
  { state, environment }: { state: string; environment: RunEnvironment },
): FallbackTarget | undefined {
  const { clock, registries } = environment;
  if (fallback.kind === 'none') return undefined;
  if (fallback.kind === 'embedded')
    return embeddedFallback({ root: registryRoot(state), clock, send: registries?.send });
  const { registry, clusterReference } = fallback;
  return registryFallback({ registry, clusterReference, client: registries?.registry });
}

/** Committed schemas name the declared reference: those of an overridden run go to the state directory. */
function schemaLocation(
  { schemas, directory, overridden }: Project,
  { state, lockFile }: { readonly state: string; readonly lockFile: string },
): Run['schemas'] {
  const { format } = schemas;
  if (format === 'none') return undefined;
  if (!overridden) return { directory: join(directory, schemas.directory), shown: schemas.directory, format };
  const place = join(state, 'schemas');
  const shown = inside(directory, place) ?? inside(dirname(lockFile), place) ?? 'schemas';
  return { directory: place, shown, format };
}

/** The path from a directory to a place below it, with `/`: locks hold no other. */
function inside(directory: string, place: string): string | undefined {
  const path = relative(directory, place);
  if (isAbsolute(path) || path.split(sep)[0] === '..') return undefined;
  return path.split(sep).join('/');
}
