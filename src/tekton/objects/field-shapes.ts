/**
 * The types of the fields that Tekton's Go structs declare, as far as their content tends to be written by
 * hand. Fields that are not listed are not checked; unknown fields pass in Tekton, too.
 */
export type Shape =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'duration'
  | 'time'
  | 'object'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: () => Readonly<Record<string, Shape>> };

const strings: Shape = { list: 'string' };
const stringMap: Shape = { map: 'string' };

function fields(record: () => Readonly<Record<string, Shape>>): Shape {
  let known: Readonly<Record<string, Shape>> | undefined;
  return {
    fields: () => {
      known ??= record();
      return known;
    },
  };
}

function listOf(record: () => Readonly<Record<string, Shape>>): Shape {
  return { list: fields(record) };
}

export const metadataShape = fields(() => ({
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  selfLink: 'string',
  uid: 'string',
  resourceVersion: 'string',
  generation: 'integer',
  creationTimestamp: 'time',
  deletionTimestamp: 'time',
  deletionGracePeriodSeconds: 'integer',
  labels: stringMap,
  annotations: stringMap,
  finalizers: strings,
  ownerReferences: listOf(() => ({
    apiVersion: 'string',
    kind: 'string',
    name: 'string',
    uid: 'string',
    controller: 'boolean',
    blockOwnerDeletion: 'boolean',
  })),
}));

const properties: Shape = { map: fields(() => ({ type: 'string' })) };

const paramSpecs = listOf(() => ({
  name: 'string',
  type: 'string',
  description: 'string',
  properties,
  enum: strings,
}));

/** Values of parameters may be anything. */
const params = listOf(() => ({ name: 'string' }));

const taskResults = listOf(() => ({ name: 'string', type: 'string', description: 'string', properties }));

const env = listOf(() => ({
  name: 'string',
  value: 'string',
  valueFrom: fields(() => ({
    fieldRef: fields(() => ({ apiVersion: 'string', fieldPath: 'string' })),
    configMapKeyRef: keySelector,
    secretKeyRef: keySelector,
  })),
}));

const keySelector = fields(() => ({ name: 'string', key: 'string', optional: 'boolean' }));

const envFrom = listOf(() => ({
  prefix: 'string',
  configMapRef: fields(() => ({ name: 'string', optional: 'boolean' })),
  secretRef: fields(() => ({ name: 'string', optional: 'boolean' })),
}));

const volumeMounts = listOf(() => ({
  name: 'string',
  readOnly: 'boolean',
  mountPath: 'string',
  subPath: 'string',
  subPathExpr: 'string',
  mountPropagation: 'string',
}));

const securityContext = fields(() => ({
  privileged: 'boolean',
  runAsUser: 'integer',
  runAsGroup: 'integer',
  runAsNonRoot: 'boolean',
  readOnlyRootFilesystem: 'boolean',
  allowPrivilegeEscalation: 'boolean',
  procMount: 'string',
  capabilities: fields(() => ({ add: strings, drop: strings })),
}));

const resources = fields(() => ({ limits: 'object', requests: 'object' }));

const when = listOf(() => ({ input: 'string', operator: 'string', values: strings, cel: 'string' }));

/** Every kind of reference: to a task, a pipeline or a step action. */
const reference = fields(() => ({
  name: 'string',
  kind: 'string',
  apiVersion: 'string',
  resolver: 'string',
  params,
}));

function containerFields(): Record<string, Shape> {
  return {
    name: 'string',
    image: 'string',
    command: strings,
    args: strings,
    workingDir: 'string',
    envFrom,
    env,
    volumeMounts,
    imagePullPolicy: 'string',
    securityContext,
    script: 'string',
  };
}

const containerWorkspaces = listOf(() => ({ name: 'string', mountPath: 'string' }));

const steps = listOf(() => ({
  ...containerFields(),
  computeResources: resources,
  displayName: 'string',
  timeout: 'duration',
  workspaces: containerWorkspaces,
  onError: 'string',
  stdoutConfig: fields(() => ({ path: 'string' })),
  stderrConfig: fields(() => ({ path: 'string' })),
  ref: reference,
  params,
  results: taskResults,
  when,
}));

const sidecars = listOf(() => ({
  ...containerFields(),
  computeResources: resources,
  workspaces: containerWorkspaces,
  terminationMessagePath: 'string',
  terminationMessagePolicy: 'string',
  stdin: 'boolean',
  stdinOnce: 'boolean',
  tty: 'boolean',
  restartPolicy: 'string',
}));

const volumes = listOf(() => ({
  name: 'string',
  emptyDir: fields(() => ({ medium: 'string' })),
  hostPath: fields(() => ({ path: 'string', type: 'string' })),
  secret: fields(() => ({
    secretName: 'string',
    items: keyItems,
    defaultMode: 'integer',
    optional: 'boolean',
  })),
  configMap: fields(() => ({ name: 'string', items: keyItems, defaultMode: 'integer', optional: 'boolean' })),
  persistentVolumeClaim: fields(() => ({ claimName: 'string', readOnly: 'boolean' })),
}));

const keyItems = listOf(() => ({ key: 'string', path: 'string', mode: 'integer' }));

function taskSpecFields(): Record<string, Shape> {
  return {
    params: paramSpecs,
    displayName: 'string',
    description: 'string',
    steps,
    volumes,
    stepTemplate: fields(() => ({ ...containerFields(), computeResources: resources })),
    sidecars,
    workspaces: listOf(() => ({
      name: 'string',
      description: 'string',
      mountPath: 'string',
      readOnly: 'boolean',
      optional: 'boolean',
    })),
    results: taskResults,
  };
}

const taskSpec = fields(taskSpecFields);

const pipelineTasks = listOf(() => ({
  name: 'string',
  displayName: 'string',
  description: 'string',
  taskRef: reference,
  taskSpec: fields(() => ({
    ...taskSpecFields(),
    apiVersion: 'string',
    kind: 'string',
    metadata: fields(() => ({ labels: stringMap, annotations: stringMap })),
  })),
  when,
  retries: 'integer',
  runAfter: strings,
  params,
  matrix: fields(() => ({ params, include: listOf(() => ({ name: 'string', params })) })),
  workspaces: listOf(() => ({ name: 'string', workspace: 'string', subPath: 'string' })),
  timeout: 'duration',
  pipelineRef: reference,
  pipelineSpec,
  onError: 'string',
}));

const pipelineSpec: Shape = fields(() => ({
  displayName: 'string',
  description: 'string',
  tasks: pipelineTasks,
  params: paramSpecs,
  workspaces: listOf(() => ({ name: 'string', description: 'string', optional: 'boolean' })),
  results: listOf(() => ({ name: 'string', type: 'string', description: 'string' })),
  finally: pipelineTasks,
}));

const stepActionSpec = fields(() => ({
  description: 'string',
  image: 'string',
  command: strings,
  args: strings,
  env,
  script: 'string',
  workingDir: 'string',
  params: paramSpecs,
  results: taskResults,
  securityContext,
  volumeMounts,
}));

const workspaceBindings = listOf(() => ({
  name: 'string',
  subPath: 'string',
  volumeClaimTemplate: 'object',
  persistentVolumeClaim: fields(() => ({ claimName: 'string', readOnly: 'boolean' })),
  emptyDir: fields(() => ({ medium: 'string' })),
  configMap: fields(() => ({ name: 'string', items: keyItems, defaultMode: 'integer', optional: 'boolean' })),
  secret: fields(() => ({
    secretName: 'string',
    items: keyItems,
    defaultMode: 'integer',
    optional: 'boolean',
  })),
}));

const taskRunSpec = fields(() => ({
  params,
  serviceAccountName: 'string',
  taskRef: reference,
  taskSpec,
  status: 'string',
  statusMessage: 'string',
  retries: 'integer',
  timeout: 'duration',
  podTemplate: 'object',
  workspaces: workspaceBindings,
}));

const pipelineRunSpec = fields(() => ({
  pipelineRef: reference,
  pipelineSpec,
  params,
  status: 'string',
  timeouts: fields(() => ({ pipeline: 'duration', tasks: 'duration', finally: 'duration' })),
  timeout: 'duration',
  serviceAccountName: 'string',
  podTemplate: 'object',
  taskRunTemplate: fields(() => ({ serviceAccountName: 'string', podTemplate: 'object' })),
  workspaces: workspaceBindings,
  taskRunSpecs: listOf(() => ({ pipelineTaskName: 'string' })),
}));

/** The shape of `spec`, by kind. */
export const specShapes: ReadonlyMap<string, Shape> = new Map([
  ['Task', taskSpec],
  ['Pipeline', pipelineSpec],
  ['StepAction', stepActionSpec],
  ['TaskRun', taskRunSpec],
  ['PipelineRun', pipelineRunSpec],
  ['CustomRun', fields(() => ({ params, workspaces: workspaceBindings, serviceAccountName: 'string' }))],
]);
