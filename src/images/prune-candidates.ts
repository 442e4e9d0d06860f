import type { Clock } from '../async/clock.js';
import { keyLabel, keyTag, repositoryLabel, scopeLabel, tagLabel } from '../engine/context/image-key.js';
import type { Engine, EngineStatus, LocalImage } from '../engine/engine.js';
import { type OwnContainer, ownContainers, scopeOf } from '../engine/engines/build-host.js';
import { freedBytes } from '../engine/freed-bytes.js';
import { livingTickets } from '../engine/slots/list-slots.js';
import { formatReference, referenceName } from '../oci/reference.js';
import type { Lock } from '../project/lock/lock.js';
import type { Project } from '../project/project.js';
import { readImageUses } from './image-uses.js';

export interface PruneQuestion {
  /** Undefined: what any project had built in this place. */
  readonly project: Project | undefined;
  readonly locks: readonly Lock[];
  readonly engine: Engine;
  readonly clock: Clock;
  readonly slots: { readonly directory: string; readonly uses: string };
  /** What is younger stays, milliseconds. */
  readonly graceMs: number;
  /** Also what was built for the project and has no name. */
  readonly dangling: boolean;
  /** Ids beyond which nothing may go. Default: any. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** An image that nothing needs any more. */
export interface PrunedImage {
  readonly id: string;
  readonly names: readonly string[];
  /** Seconds since 1970. */
  readonly created: number;
  /** What its removal frees, after those before it; null where that is not known. */
  readonly bytes: number | null;
  readonly why: 'unused' | 'dangling';
  readonly removed: boolean;
  /** Why the engine kept it. */
  readonly left: string | null;
}

/** A working container that a killed build left. */
export interface PrunedContainer {
  readonly id: string;
  readonly created: number;
  readonly removed: boolean;
  readonly left: string | null;
}

/** What may be removed. */
export interface PruneCandidates {
  /** The oldest first. */
  readonly images: readonly PrunedImage[];
  readonly containers: readonly PrunedContainer[];
  readonly kept: number;
  readonly warnings: readonly string[];
}

/** What may go: images that were built here and that nothing needs, and, of all projects, containers of killed builds. */
export async function findCandidates(options: PruneQuestion, status: EngineStatus): Promise<PruneCandidates> {
  const { project, engine, clock, graceMs, slots, locks, only } = options;
  const oldest = (clock.now() - graceMs) / 1000;
  const images = await engine.images();
  const scope = await scopeOf(slots.uses);
  const under = options.dangling || project === undefined ? await engine.buildsUnderWay() : [];
  const own = project === undefined ? await killedBuilds(options, { status, scope, under }) : [];
  const mayGo = ({ id }: { readonly id: string }) => only?.has(id) ?? true;
  const killed = own.filter((container) => container.created <= oldest && mayGo(container));
  const over = new Set(own.map(({ id }) => id));
  const building = under.filter(({ id, created }) => created > oldest && !over.has(id));
  const listed = options.dangling ? await engine.listedDigests() : new Set<string>();
  const used = new Set((await readImageUses(slots.uses)).map(({ reference }) => reference));
  const ours =
    project && new Map(project.images.map(({ reference }) => [referenceName(reference), reference] as const));
  const found: (readonly [LocalImage, PrunedImage['why']])[] = [];
  let spared = 0;
  for (const image of images) {
    if (image.created > oldest || !mayGo(image)) continue;
    const why = reasonFor(image, { ours, scope, used, locks });
    if (why === undefined || (why === 'dangling' && (!options.dangling || listed.has(image.digest))))
      continue;
    if (why === 'dangling' && building.length > 0) spared++;
    else found.push([image, why]);
  }
  const warnings =
    spared > 0
      ? [
          `${spared} dangling layers stay: ${building.length} builds seem to be under way, which may need them`,
        ]
      : [];
  found.sort(([left], [right]) => left.created - right.created);
  const order = found.map(([{ id }]) => id);
  const layers = order.length === 0 ? new Map() : await engine.layers(images, new Set(order));
  const bytes = freedBytes(layers, order);
  return {
    images: found.map(([image, why], index) => toPruned(image, why, bytes[index] ?? null)),
    containers: killed.map(({ id, created }) => ({ id, created, removed: false, left: null })),
    kept: images.length - found.length,
    warnings,
  };
}

/** Working containers of builds of this scope, of which no process is left. */
async function killedBuilds(
  { slots, clock }: PruneQuestion,
  {
    status,
    scope,
    under,
  }: {
    readonly status: EngineStatus;
    readonly scope: string;
    readonly under: Parameters<typeof ownContainers>[0];
  },
): Promise<readonly OwnContainer[]> {
  if (status.containers === undefined || under.length === 0) return [];
  const found = await ownContainers(under, { directory: status.containers, scope });
  const living = found.length === 0 ? new Set<string>() : await livingTickets(slots.directory, clock);
  return found.filter(({ ticket }) => !living.has(ticket));
}

interface Knowledge {
  /** Declared references by repository; undefined where those of all projects are meant. */
  readonly ours: ReadonlyMap<string, Project['images'][number]['reference']> | undefined;
  readonly scope: string;
  readonly used: ReadonlySet<string>;
  readonly locks: readonly Lock[];
}

function reasonFor(
  image: LocalImage,
  { ours, scope, used, locks }: Knowledge,
): PrunedImage['why'] | undefined {
  const { [repositoryLabel]: repository, [keyLabel]: key, [tagLabel]: tag } = image.labels;
  if (key === undefined || repository === undefined) return undefined;
  const declared = ours?.get(repository);
  // Without a project only what was built in this place is known to be needed or not.
  if (ours === undefined ? image.labels[scopeLabel] !== scope : declared === undefined) return undefined;
  if (image.names.length === 0) return image.dangling ? 'dangling' : undefined;
  const tagged = declared
    ? formatReference(declared)
    : tag === undefined
      ? undefined
      : `${repository}:${tag}`;
  const own = (name: string) => name.startsWith(`${repository}:key-`) || name === tagged;
  const isUsed = used.has(`${repository}:${keyTag(key)}`);
  // A name that this program did not give belongs to the user.
  return !isUsed && !isLocked(image, locks) && image.names.every((name) => own(name) && !used.has(name))
    ? 'unused'
    : undefined;
}

function isLocked({ names, repositoryDigests }: LocalImage, locks: readonly Lock[]): boolean {
  return locks.some((lock) =>
    [...lock.entries.values()].some(({ images }) =>
      [...images].some(
        ([name, digest]) =>
          names.includes(name) || repositoryDigests.some((known) => known.endsWith(`@${digest}`)),
      ),
    ),
  );
}

function toPruned(
  { id, names, created }: LocalImage,
  why: PrunedImage['why'],
  bytes: number | null,
): PrunedImage {
  return { id, names, created, bytes, why, removed: false, left: null };
}
