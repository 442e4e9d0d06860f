import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { load } from 'js-yaml';
import { workflowIdentity } from '../../../src/workflow/workflow-id.js';
import { sharedPath } from '../shared.js';
import { type KubeApiServer, type KubeApiServerOptions, startKubeApiServer } from './kube-api-server.js';
import type { KubeObject, KubeObjects } from './kube-objects.js';

const group = { group: 'kubernaut.ai', version: 'v1alpha1', namespaced: true };

const kubernautResources = [
  { ...group, kind: 'ActionType', plural: 'actiontypes' },
  { ...group, kind: 'RemediationWorkflow', plural: 'remediationworkflows' },
];

export interface KubernautOptions extends KubeApiServerOptions {
  /** Milliseconds until a status is written. Default 20. */
  readonly afterMs?: number;
  /** What the controller reports of a workflow. Default `Active`. */
  readonly catalogStatus?: (object: KubeObject) => string;
}

/** An API server with the two kinds and what the webhook and controllers of kubernaut do with them. */
export function startKubernautCluster(options: KubernautOptions = {}): Promise<KubeApiServer> {
  const { afterMs = 20, catalogStatus = () => 'Active' } = options;
  const controller = (path: string, object: KubeObject, objects: KubeObjects) => {
    setTimeout(() => {
      const live = objects.get(path) ?? object;
      if (live.kind === 'ActionType' && !live.status)
        objects.put(path, { ...live, status: { registered: true, catalogStatus: 'Active' } });
      if (live.kind !== 'RemediationWorkflow') return;
      const { canonicalHash, workflowId } = workflowIdentity(live);
      const status = {
        workflowId,
        contentHash: canonicalHash,
        catalogStatus: catalogStatus(live),
        conditions: [{ type: 'Valid', status: 'False', message: 'the controller has its reasons' }],
      };
      if (JSON.stringify(live.status) !== JSON.stringify(status)) objects.put(path, { ...live, status });
    }, afterMs);
  };
  return startKubeApiServer({ resources: kubernautResources, controller, validate: crdProblems, ...options });
}

/** Admission of a RemediationWorkflow: its action must be registered, and a version never changes. */
export function refusedByWebhook(
  object: KubeObject,
  objects: KubeObjects,
  namespace: string,
): string | undefined {
  if (object.kind !== 'RemediationWorkflow') return undefined;
  const base = `/apis/kubernaut.ai/v1alpha1/namespaces/${namespace}`;
  const spec = object.spec as { readonly actionType: string; readonly version: string };
  const action = objects
    .list(`${base}/actiontypes`)
    .find((one) => (one.spec as { readonly name: string }).name === spec.actionType);
  if ((action?.status as { readonly registered?: boolean } | undefined)?.registered !== true)
    return `admission webhook denied the request: action type ${spec.actionType} is not Active`;
  const before = objects.get(`${base}/remediationworkflows/${object.metadata.name}`);
  const same = before && (before.spec as { readonly version: string }).version === spec.version;
  if (same && workflowIdentity(before).canonicalHash !== workflowIdentity(object).canonicalHash)
    return 'admission webhook denied the request: bump the version';
  return undefined;
}

const definitions = { ActionType: 'actiontypes', RemediationWorkflow: 'remediationworkflows' };
let validators: ReadonlyMap<string, ValidateFunction> | undefined;

/** What the schemas of the real CustomResourceDefinitions find wrong with an object; empty if they are not here. */
function crdProblems(object: KubeObject): readonly string[] {
  validators ??= new Map(
    Object.entries(definitions).flatMap(([kind, plural]) => {
      const file = sharedPath(`upstream/kubernaut-crds/${plural}.yaml`);
      if (!existsSync(file)) return [];
      const { spec } = load(readFileSync(file, 'utf8')) as {
        spec: { versions: { schema: { openAPIV3Schema: object } }[] };
      };
      const schema = spec.versions[0]!.schema.openAPIV3Schema;
      const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
      return [[kind, ajv.compile(schema)] as const];
    }),
  );
  const validate = validators.get(object.kind);
  if (!validate || validate(object)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}
