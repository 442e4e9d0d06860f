import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Clock } from '../async/clock.js';
import { createLimiter } from '../async/limiter.js';
import { createTurns } from '../async/turns.js';
import { parseCreatedTime } from '../bundle/created-time.js';
import type { AuditTrail } from '../catalog/audit/audit-trail.js';
import type { CatalogTarget } from '../catalog/catalog-target.js';
import { BundlesError } from '../errors.js';
import { isInside } from '../fs/is-inside.js';
import { createImageResolver } from '../images/image-resolver.js';
import type { Project } from '../project/project.js';
import { embeddedFallback } from '../publish/embedded-fallback.js';
import type { FallbackTarget } from '../publish/fallback-target.js';
import { type OnDifferent, publishAllowed } from '../publish/policy.js';
import { registryFallback } from '../publish/registry-fallback.js';
import type { OnEvent } from './events.js';
import { applyProfile, type ProfileName } from './profiles.js';
import type { Registries, Run, RunShard, SignBundle } from './run.js';

/** Bundles that are pushed at once: enough to keep a registry's queue full, few enough to keep memory flat. */
const pushedAtOnce = 32;

/** What decides about one run; every setting has the name of its flag and may be left out. */
export interface RunSettings {
  /** `check` decides as `ensure` does and changes nothing. Default `ensure`. */
  readonly mode?: 'ensure' | 'check';
  /** Represents the settings of a recipe; each of them may still be chosen. Default: none. */
  readonly profile?: ProfileName | undefined;
  /** Bundles to narrow the work to. Default: all. */
  readonly names?: readonly string[];
  /**
   * False never publishes; true publishes also where bundles.yaml states `publish: ci` and this is not a CI job, and is USAGE
   * where it states `publish: never`. Default: as bundles.yaml states.
   */
  readonly push?: boolean | undefined;
  /** False fails where the registry cannot serve a bundle; a text names another fallback. Default: as bundles.yaml states. */
  readonly fallback?: string | boolean | undefined;
  /** False sends no request to the declared registries: every bundle goes to the fallback, which may be another registry. Default true. */
  readonly ask?: boolean;
  /** Where the tag holds other content; `overwrite` needs `names`. Default `fail`. */
  readonly onDifferent?: OnDifferent | undefined;
  /** False lets a tag leave a digest without keeping it under an anchor. Default true. */
  readonly keepOld?: boolean | undefined;
  /** Changes no committed file; a bundle whose lock or schema would change fails. Default false. */
  readonly frozen?: boolean | undefined;
  /** The bundles' created time: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS or RFC 3339. Default: the lock's, else 1970. */
  readonly ctime?: string | undefined;
  /** The state of this machine. Default: `.bundles` beside bundles.yaml. */
  readonly stateDir?: string | undefined;
  /** Read and written. Default: `bundles.lock` beside bundles.yaml, which an overridden run reads and does not write. */
  readonly lock?: string | undefined;
  /** Put on every bundle's config for this run alone; needs `repository` or `tag`. Default: none. */
  readonly label?: Readonly<Record<string, string>> | undefined;
  /** Put on every bundle's manifest, as `label`. Default: none. */
  readonly annotate?: Readonly<Record<string, string>> | undefined;
  /** Publishes only from files that are committed in git. Default false. */
  readonly requireClean?: boolean | undefined;
}

export interface RunEnvironment {
  readonly clock: Clock;
  /** The run is a CI job: `publish: ci` allows it to publish. Default false. */
  readonly ci?: boolean;
  /** The environment for git. Default: git is not used, and it is unknown what is committed. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Undefined when offline. */
  readonly registries: Registries | undefined;
  /** Where workflows are registered; default: nowhere, whatever the project states. */
  readonly catalog?: CatalogTarget | undefined;
  /** Receives the outcome of each bundle and each registration; who made it closes it after the run. */
  readonly audit?: Pick<AuditTrail, 'record'> | undefined;
  /** Default: nothing is signed. */
  readonly sign?: SignBundle | undefined;
  /** Default: the run is over all bundles, or those that `names` names. */
  readonly shard?: RunShard | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/** A run of a project by its own settings and the caller's. @throws USAGE where settings contradict the project or each other */
export function createRun(declared: Project, chosen: RunSettings, environment: RunEnvironment): Run {
  const settings = applyProfile(chosen);
  const { clock, registries, catalog, audit, onEvent = () => undefined, ci = false, variables } = environment;
  const { mode = 'ensure', names = [], push, ask = true, onDifferent = 'fail', ctime } = settings;
  const { frozen = false, keepOld = true, requireClean = false } = settings;
  const committedLock = join(declared.directory, 'bundles.lock');
  refuseContradictions(declared, settings, committedLock);
  const project = withLabels(declared, settings);
  const state = settings.stateDir ?? join(project.directory, '.bundles');
  const fallback = settings.fallback === false ? undefined : fallbackTarget(project, { state, environment });
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
    // As for tkn, an empty one is none.
    created: ctime === undefined || ctime === '' ? undefined : parseCreatedTime(ctime),
    schemas: schemaLocation(project, { state, lockFile: settings.lock ?? committedLock }),
    lock: {
      read: settings.lock ?? committedLock,
      // A shard writes a part instead.
      write: environment.shard
        ? undefined
        : (settings.lock ?? (project.overridden ? undefined : committedLock)),
    },
    stateDirectory: state,
    catalog,
    audit: mode === 'ensure' ? audit : undefined,
    sign: mode === 'ensure' ? environment.sign : undefined,
    shard: environment.shard,
    labelled: project !== declared,
    requireClean,
    async uncommitted(files, options) {
      if (variables === undefined) return undefined;
      const { findUncommitted } = await import('./uncommitted-sources.js');
      return findUncommitted(project.directory, files, variables, options);
    },
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

function refuseContradictions(project: Project, settings: RunSettings, committedLock: string): void {
  const { mode = 'ensure', names = [], push, onDifferent } = settings;
  if (onDifferent === 'overwrite' && names.length === 0) {
    throw new BundlesError('USAGE', `Cannot ${mode} with --on-different overwrite for all bundles at once`, {
      hint: 'Name the bundles whose tags are to be overwritten',
    });
  }
  if (push === true && project.publish === 'never') {
    throw new BundlesError(
      'USAGE',
      `Cannot ${mode} with --push: ${JSON.stringify(project.file)} has publish: never`,
      {
        hint: 'Write publish: ci or publish: auto, or leave out --push',
      },
    );
  }
  refuseLastingLabels(project, settings, committedLock);
}

/** Labels of one run give digests that no later run gives: they need a separate tag, and must not be in a committed lock. */
function refuseLastingLabels(project: Project, settings: RunSettings, committedLock: string): void {
  const given = labelFlags(settings);
  if (given.length === 0) return;
  const { mode = 'ensure', names = [], lock } = settings;
  const doing = `Cannot ${mode} with ${given[0]?.split(' ')[0]}`;
  const line = ['npx tekton-bundles', mode, ...names, '--tag', '0.0.0-pr.123', ...given].join(' ');
  if (!project.overridden) {
    throw new BundlesError(
      'USAGE',
      `${doing}: the declared tags would get digests that ${JSON.stringify(committedLock)} does not have`,
      {
        hint: `Give the bundles another tag or repository too: ${line}; what applies to every run belongs in bundles.yaml, under bundles.NAME.labels and .annotations`,
      },
    );
  }
  if (lock !== undefined && resolve(lock) === resolve(committedLock)) {
    throw new BundlesError('USAGE', `${doing} and --lock ${JSON.stringify(lock)}: that lock is committed`, {
      hint: `Leave out --lock: ${line}`,
    });
  }
}

function labelFlags({ label = {}, annotate = {} }: RunSettings): string[] {
  const flags = (flag: string, pairs: Readonly<Record<string, string>>) =>
    Object.entries(pairs).map(([key, value]) => `${flag} ${quoted(`${key}=${value}`)}`);
  return [...flags('--label', label), ...flags('--annotate', annotate)];
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The project with what this run alone puts on every bundle. */
function withLabels(project: Project, { label = {}, annotate = {} }: RunSettings): Project {
  if (Object.keys(label).length + Object.keys(annotate).length === 0) return project;
  const bundles = project.bundles.map((spec) => ({
    ...spec,
    labels: { ...spec.labels, ...label },
    annotations: { ...spec.annotations, ...annotate },
  }));
  return { ...project, bundles };
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
  return isInside(directory, place) ? relative(directory, place).split(sep).join('/') : undefined;
}
