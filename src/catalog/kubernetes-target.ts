import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { Cluster } from '../cluster/open-cluster.js';
import { shorten } from '../http/shorten.js';
import { isMapping } from '../schema/member.js';
import type { ActionType } from '../workflow/action-type.js';
import { type WorkflowIdentity, workflowIdentity } from '../workflow/workflow-id.js';
import { accompanyingObjects, createObjectBook, refuseDeclared } from './accompanying.js';
import { applyAccompanying, areInPlace, ownAccompanying, placeOf } from './apply-accompanying.js';
import { CatalogError, type CatalogErrorCode, isCatalogError } from './catalog-error.js';
import {
  type CatalogCallOptions,
  type CatalogEntry,
  type CatalogTarget,
  type EntryState,
  parseContent,
  type Registered,
} from './catalog-target.js';
import {
  type ClusterObject,
  type ClusterObjects,
  fieldManager,
  openClusterObjects,
  refused,
} from './cluster-objects.js';

/** How workflows are registered with a cluster. */
export interface KubernetesTargetOptions {
  /** Default: that of this machine. */
  readonly clock?: Clock | undefined;
  /** Default: that of the context. */
  readonly namespace?: string | undefined;
  /** Those that the project brings along; others must be there. */
  readonly actionTypes: readonly ActionType[];
  /** `none`: the cluster runs no admission webhook of kubernaut, as in tests; the status is written as it would be. */
  readonly webhook?: 'none' | undefined;
  /** How long the cluster may take to process one object, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number | undefined;
}

interface Setting {
  readonly cluster: Cluster;
  readonly objects: ClusterObjects;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly webhook: 'none' | undefined;
}

/**
 * The target that registers RemediationWorkflows with a cluster: accompanying objects first, then ActionTypes, then the workflow, until the
 * cluster reports it as active. One object may take 60 s (`timeoutMs`).
 *
 * @throws CLUSTER_UNREACHABLE, CLUSTER_REFUSED, CATALOG_REFUSED, CATALOG_CONFLICT from its calls; PACKAGE_MISSING without
 *   `@kubernetes/client-node`
 * @example
 * ```ts not-run="needs a cluster"
 * import { kubernetesTarget } from 'tekton-bundles/catalog';
 * import { openCluster } from 'tekton-bundles/cluster';
 *
 * const cluster = await openCluster({ files: [`${process.env.HOME}/.kube/config`] });
 * const target = await kubernetesTarget(cluster, { namespace: 'kubernaut', actionTypes: [] });
 * console.log(target.place);
 * ```
 */
export async function kubernetesTarget(
  cluster: Cluster,
  { clock = systemClock, namespace, actionTypes, webhook, timeoutMs = 60_000 }: KubernetesTargetOptions,
): Promise<CatalogTarget> {
  const objects = await openClusterObjects(cluster, { clock, namespace });
  const setting = { cluster, objects, clock, timeoutMs, webhook };
  const enter = createObjectBook();
  // Workflows share their actions: each is seen to once.
  const ready = new Map<string, Promise<void>>();
  const actionReady = (name: string, call: CatalogCallOptions): Promise<void> => {
    const declared = actionTypes.find(({ spec }) => spec.name === name);
    const found = ready.get(name) ?? ensureAction(setting, { name, declared }, call);
    ready.set(name, found);
    return found;
  };
  return {
    place: `${cluster.server} ${objects.namespace}`,
    format: 'remediation-workflow',
    remote: true,
    takesFallbacks: false,
    async look(entry, call = {}) {
      const live = await objects.read({ kind: 'RemediationWorkflow', name: entry.name }, call);
      if (live === undefined) return { is: 'absent' };
      const state = stateOf(entry, { live, cluster });
      if (state.is !== 'same') return state;
      return (await areInPlace(objects, accompanyingObjects(entry), call)) ? state : { is: 'absent' };
    },
    async register(entry, call = {}) {
      const document = parseContent(entry) as ClusterObject;
      const accompanying = accompanyingObjects(entry);
      for (const object of accompanying) {
        refuseDeclared(entry, object, actionTypes);
        enter(entry, object, String(placeOf(object, objects)));
      }
      await applyAccompanying(objects, accompanying, call);
      const action = document.spec?.actionType;
      if (typeof action === 'string')
        await actionReady(action, call).catch((error: unknown) => {
          throw ofWorkflow(entry, action, error);
        });
      const applied = await objects.apply(document, call);
      const identity = workflowIdentity(document);
      const ready = (live: ClusterObject) => isActive(live, identity.canonicalHash);
      const admittedOne = ready(applied) ? applied : await admitted(setting, applied, { identity, ...call });
      const active = await settled(setting, admittedOne, { ready, ...call });
      await ownAccompanying(objects, accompanying, { owner: { ...active, ...header }, ...call });
      return { action: 'created', ...factsOf(active, document) };
    },
  };
}

/** What a list and a reply may leave out. */
const header = { apiVersion: 'kubernaut.ai/v1alpha1', kind: 'RemediationWorkflow' } as const;

/** The workflow with the status that the admission webhook writes, where there is none that does. */
async function admitted(
  { objects, clock, webhook }: Setting,
  applied: ClusterObject,
  { identity, ...call }: CatalogCallOptions & { readonly identity: WorkflowIdentity },
): Promise<ClusterObject> {
  if (webhook !== 'none') return applied;
  const { canonicalHash: contentHash, workflowId } = identity;
  const at = new Date(clock.now()).toISOString();
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Registered',
    message: 'Workflow registered successfully',
    lastTransitionTime: at,
  };
  const status = { workflowId, contentHash, ...registeredAt(at), conditions: [condition] };
  return objects.writeStatus({ kind: header.kind, name: applied.metadata?.name ?? '' }, status, call);
}

function registeredAt(at: string) {
  return { catalogStatus: 'Active', registeredBy: fieldManager, registeredAt: at, previouslyExisted: false };
}

/** Workflows share the failure of their action; each is reported under its own name. */
function ofWorkflow({ name, version }: CatalogEntry, action: string, error: unknown): unknown {
  if (!isCatalogError(error)) return error;
  const { code, message, reason, status, mayHaveHappened, hint, details } = error;
  const { method = 'PATCH', url = '' } = details as { readonly method?: string; readonly url?: string };
  const doing = `Cannot register ${JSON.stringify(name)} ${version}, whose action is ${JSON.stringify(action)}`;
  const subject = { reason, status, mayHaveHappened, hint, method, url, cause: error };
  const facts = { ...details, workflow: name, version };
  return new CatalogError(code as CatalogErrorCode, `${doing}: ${message}`, { ...subject, details: facts });
}

/** Applies a declared action, or finds one that is there, and waits until it is registered. */
async function ensureAction(
  setting: Setting,
  { name, declared }: { readonly name: string; readonly declared: ActionType | undefined },
  call: CatalogCallOptions,
): Promise<void> {
  const { objects, cluster } = setting;
  const found = declared
    ? await objects.apply({ ...declared, spec: { ...declared.spec } }, call)
    : (await objects.list('ActionType', call)).find(({ spec }) => spec?.name === name);
  if (found === undefined) {
    const message = `Cannot register workflows of the action ${JSON.stringify(name)}: the namespace ${objects.namespace} has no ActionType of this name`;
    const hint = 'Describe it under actionTypes: in bundles.yaml, or apply it first';
    throw refused(message, { cluster, reason: 'invalid', hint });
  }
  // A list leaves out what its items are.
  const typed = { ...found, kind: 'ActionType' };
  const ready = ({ status }: ClusterObject) => status?.registered === true;
  const { webhook, clock } = setting;
  if (webhook === 'none' && !ready(typed)) {
    const status = { registered: true, ...registeredAt(new Date(clock.now()).toISOString()) };
    await objects.writeStatus({ kind: 'ActionType', name: typed.metadata?.name ?? '' }, status, call);
    return;
  }
  await settled(setting, typed, { ready, ...call });
}

/** Waits until the cluster reports that the object is as wanted. @throws CATALOG_REFUSED, CATALOG_UNREACHABLE */
async function settled(
  { cluster, objects, clock, timeoutMs }: Setting,
  applied: ClusterObject,
  { ready, ...call }: CatalogCallOptions & { readonly ready: (live: ClusterObject) => boolean },
): Promise<ClusterObject> {
  const until = clock.now() + timeoutMs;
  const { kind = '', metadata } = applied;
  const name = metadata?.name ?? '';
  for (let live: ClusterObject | undefined = applied; ; ) {
    const word = live?.status?.catalogStatus;
    if (live && ready(live)) return live;
    if (word === 'Invalid') throw notAccepted(`Cannot register the ${kind} ${name}`, { live, cluster });
    const left = until - clock.now();
    if (left <= 0) {
      const found =
        live === undefined
          ? 'it is gone'
          : `its status is ${shorten(String(word ?? 'not set'), { max: 50 })}`;
      throw new CatalogError(
        'CATALOG_UNREACHABLE',
        `Cannot register the ${kind} ${name}: after ${timeoutMs / 1000} s ${found}${reasonsOf(live)}`,
        {
          reason: 'server-error',
          method: 'GET',
          url: cluster.server,
          mayHaveHappened: true,
          hint: 'Check that the admission webhook and the controller of kubernaut.ai run; the next run continues from here',
        },
      );
    }
    if (live) await objects.changed({ ...live, kind }, { ms: Math.min(left, 5_000), ...call });
    live = await objects.read({ kind, name }, call);
  }
}

function stateOf(
  entry: CatalogEntry,
  { live, cluster }: { readonly live: ClusterObject; readonly cluster: Cluster },
): EntryState {
  const document = parseContent(entry);
  const { canonicalHash } = workflowIdentity(document);
  if (hashOf(live) === canonicalHash) {
    const word = live.status?.catalogStatus;
    if (word === undefined || word === '' || word === 'Pending') return { is: 'absent' };
    if (word === 'Invalid') {
      const doing = `Cannot register ${JSON.stringify(entry.name)} ${entry.version}`;
      throw notAccepted(doing, { live, cluster });
    }
    return { is: 'same', ...factsOf(live, document) };
  }
  // The cluster has another version of the workflow; this one becomes the next.
  if (live.spec?.version !== entry.version) return { is: 'absent' };
  const message = `Cannot register ${JSON.stringify(entry.name)} ${entry.version}: the cluster has this version with other content, ${shorten(hashOf(live), { max: 64 })}, wanted ${canonicalHash}`;
  const details = {
    workflow: entry.name,
    version: entry.version,
    found: hashOf(live),
    wanted: canonicalHash,
  };
  const subject = { reason: 'other-content', method: 'GET', url: cluster.server, details } as const;
  return { is: 'different', error: new CatalogError('CATALOG_CONFLICT', message, subject) };
}

/** The hash that the cluster reports, else the hash of the object that it has. */
function hashOf(live: ClusterObject): string {
  const stated = live.status?.contentHash;
  return typeof stated === 'string' && stated !== '' ? stated : workflowIdentity(live).canonicalHash;
}

function isActive(live: ClusterObject, canonicalHash: string): boolean {
  return live.status?.catalogStatus === 'Active' && hashOf(live) === canonicalHash;
}

function factsOf(live: ClusterObject, document: unknown): Omit<Registered, 'is'> {
  const { workflowId, catalogStatus } = live.status ?? {};
  const expected = workflowIdentity(document).workflowId;
  const id = typeof workflowId === 'string' && workflowId !== '' ? shorten(workflowId, { max: 64 }) : null;
  const warnings: string[] = [];
  if (catalogStatus !== 'Active')
    warnings.push(`the cluster has it with the status ${shorten(String(catalogStatus), { max: 40 })}`);
  if (id !== null && id !== expected)
    warnings.push(`the cluster calls it ${id}, and its content gives ${expected}`);
  return { workflowId: id, warnings };
}

function notAccepted(
  doing: string,
  { live, cluster }: { readonly live: ClusterObject | undefined; readonly cluster: Cluster },
): CatalogError {
  const message = `${doing}: the cluster reports that it is invalid${reasonsOf(live)}`;
  return refused(message, { cluster, reason: 'invalid' });
}

/** The messages of the conditions, as the controller wrote them. */
function reasonsOf(live: ClusterObject | undefined): string {
  const conditions = live?.status?.conditions;
  if (!Array.isArray(conditions)) return '';
  const reasons = conditions.flatMap((condition: unknown) =>
    isMapping(condition) && typeof condition.message === 'string' ? [condition.message] : [],
  );
  return reasons.length === 0 ? '' : `: ${shorten(reasons.join('; '), { max: 500 })}`;
}
