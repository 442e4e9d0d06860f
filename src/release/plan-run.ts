import type { BundleProblem } from '../bundle/bundle-problem.js';
import { type ClusterReach, clusterReach, type RegistryManner } from '../bundle/cluster-reach.js';
import { preflightImage } from '../bundle/preflight-bundle.js';
import type { CallOptions } from '../content/store.js';
import { selectBundles } from '../ensure/select-bundles.js';
import { BundlesError } from '../errors.js';
import { formatReference, parseReference, type Reference } from '../oci/reference.js';
import { canonicalRegistry } from '../oci/registry-host.js';
import type { Project } from '../project/project.js';
import type { SchemaObject } from '../workflow/parameters/pipeline-params.js';
import { createRunObject, type RunObject, type RunObjectOptions } from '../workflow/run/run-object.js';
import { buildPinned, type PinnedBundle, readPinnedBundles } from './pinned-bundle.js';

export interface PlanRunRequest extends Omit<RunObjectOptions, 'bundle'> {
  readonly project: Project;
  /** Of the declared bundle. */
  readonly bundle: string;
  /** `KIND/NAME` of the object to run; may be left out where the bundle has one Pipeline, or one Task alone. */
  readonly object?: string | undefined;
  /** The bundle's repository as the cluster names it. Default: the declared one, or where a fallback serves it. */
  readonly repository?: string | undefined;
  readonly stateDirectory?: string | undefined;
  readonly lockFile?: string | undefined;
}

/** A run of a pinned bundle, and what would keep the cluster from it. */
export interface PlannedRun {
  readonly bundle: string;
  /** As the run refers to it, with its digest. */
  readonly reference: string;
  readonly digest: string;
  readonly run: RunObject;
  readonly preflight: {
    readonly problems: readonly BundleProblem[];
    readonly reach: ClusterReach;
  };
  readonly warnings: readonly string[];
}

/**
 * The PipelineRun or TaskRun of a pinned bundle, made without network requests.
 *
 * @throws USAGE for unknown names, params and workspaces; LOCK_STALE; what building the bundle throws
 */
export async function planRun(request: PlanRunRequest, options: CallOptions = {}): Promise<PlannedRun> {
  const { project, stateDirectory, lockFile } = request;
  const specs = selectBundles(project, [request.bundle]);
  const [pinned] = await readPinnedBundles({ project, specs, stateDirectory, lockFile }, options);
  if (!pinned) throw new RangeError('one bundle was selected');
  const candidate = await buildPinned(project, pinned, options);
  const warnings = [...candidate.warnings];
  const { entry } = pinned;
  if (!sameObjects(pinned, candidate.built.objects)) {
    warnings.push(
      `the lock pins ${entry.digest}, which is not what the sources give: params are read from the sources`,
    );
  }
  const place = placeOf(request, pinned);
  const reference = formatReference({ ...place, digest: entry.digest });
  const object = chooseObject(candidate.built.schemaObjects, request);
  const { problems } = await preflightImage((await candidate.bundle()).image);
  return {
    bundle: pinned.spec.name,
    reference,
    digest: entry.digest,
    run: createRunObject(object, { prefix: pinned.spec.name, ...request, bundle: reference }),
    preflight: { problems, reach: clusterReach(place.registry, mannerOf(project, place.registry)) },
    warnings,
  };
}

function sameObjects({ entry }: PinnedBundle, built: PinnedBundle['entry']['objects']): boolean {
  return (
    entry.objects.length === built.length &&
    entry.objects.every(({ diffId }, index) => diffId === built[index]?.diffId)
  );
}

function placeOf({ repository }: PlanRunRequest, { spec, fallback }: PinnedBundle): Reference {
  if (repository !== undefined) return withTag(parseReference(repository), spec.reference.tag);
  if (!fallback) return spec.reference;
  return parseReference(fallback.clusterReference ?? fallback.reference);
}

/** The tag is for people: the digest decides. */
function withTag({ registry, repository }: Reference, tag: string): Reference {
  return { registry, repository, tag };
}

/** How the project states that a registry is reached. */
function mannerOf({ registries }: Pick<Project, 'registries'>, registry: string): RegistryManner {
  const settings = registries.get(canonicalRegistry(registry));
  if (!settings) return {};
  const { plainHttp, caFile, insecureSkipTlsVerify } = settings;
  return { plainHttp, privateAuthority: caFile !== undefined || insecureSkipTlsVerify };
}

function chooseObject(
  objects: readonly SchemaObject[],
  { object, bundle }: Pick<PlanRunRequest, 'object' | 'bundle'>,
): SchemaObject {
  const runnable = objects.filter(({ kind }) => ['pipeline', 'task'].includes(kind.toLowerCase()));
  const shown = runnable.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`);
  if (object !== undefined) {
    const at = shown.indexOf(object.replace(/^[^/]+/, (kind) => kind.toLowerCase()));
    const found = runnable[at];
    if (found) return found;
    throw new BundlesError(
      'USAGE',
      `Cannot find ${JSON.stringify(object)} in the bundle ${JSON.stringify(bundle)}`,
      {
        hint: `It holds ${shown.join(', ') || 'nothing that can be run'}`,
      },
    );
  }
  const pipelines = runnable.filter(({ kind }) => kind.toLowerCase() === 'pipeline');
  const [first, ...others] = pipelines.length > 0 ? pipelines : runnable;
  if (first && others.length === 0) return first;
  throw new BundlesError(
    'USAGE',
    `Cannot choose what to run of the bundle ${JSON.stringify(bundle)}: it holds ${shown.join(', ') || 'no Pipeline and no Task'}`,
    { hint: first ? `Name one: --object ${shown[0]}` : 'Bundles of StepActions are used by Tasks' },
  );
}
