/**
 * The fields of Tekton's types and of those of Kubernetes inside them, by type: `name`, `name:Type` where more is known
 * of what it holds, `name:*Type` for a mapping of such. Lists stand for their elements. What has no type here, and
 * fields of rarely written types, are not looked into.
 */
const types: Readonly<Record<string, string>> = {
  Task: 'apiVersion kind metadata:ObjectMeta spec:TaskSpec',
  Pipeline: 'apiVersion kind metadata:ObjectMeta spec:PipelineSpec',
  StepAction: 'apiVersion kind metadata:ObjectMeta spec:StepActionSpec',
  ObjectMeta:
    'annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation labels managedFields name namespace ownerReferences resourceVersion selfLink uid',
  TaskSpec:
    'description displayName params:ParamSpec results:TaskResult sidecars:Sidecar stepTemplate:StepTemplate steps:Step volumes:Volume workspaces:WorkspaceDeclaration',
  EmbeddedTask:
    'apiVersion description displayName kind metadata:TaskMetadata params:ParamSpec results:TaskResult sidecars:Sidecar spec stepTemplate:StepTemplate steps:Step volumes:Volume workspaces:WorkspaceDeclaration',
  TaskMetadata: 'annotations labels',
  PipelineSpec:
    'description displayName finally:PipelineTask params:ParamSpec results:PipelineResult tasks:PipelineTask workspaces:PipelineWorkspace',
  PipelineTask:
    'description displayName matrix:Matrix name onError params:Param pipelineRef:PipelineRef pipelineSpec:PipelineSpec retries runAfter taskRef:TaskRef taskSpec:EmbeddedTask timeout when:When workspaces:TaskWorkspace',
  StepActionSpec:
    'args command description env:EnvVar image params:ParamSpec results:StepResult script securityContext:SecurityContext volumeMounts:VolumeMount workingDir',
  ParamSpec: 'default description enum name properties:*Property type',
  Property: 'type',
  Param: 'name value',
  TaskResult: 'description name properties:*Property type value',
  StepResult: 'description name properties:*Property type',
  PipelineResult: 'description name type value',
  WorkspaceDeclaration: 'description mountPath name optional readOnly',
  PipelineWorkspace: 'description name optional',
  TaskWorkspace: 'name subPath workspace',
  StepWorkspace: 'mountPath name',
  TaskRef: 'apiVersion kind name params:Param resolver',
  PipelineRef: 'apiVersion name params:Param resolver',
  StepRef: 'name params:Param resolver',
  When: 'cel input operator values',
  Matrix: 'include:Include params:Param',
  Include: 'name params:Param',
  Step: 'args command computeResources:Resources displayName env:EnvVar envFrom:EnvFrom image imagePullPolicy name onError params:Param ref:StepRef results:StepResult script securityContext:SecurityContext stderrConfig:OutputConfig stdoutConfig:OutputConfig timeout volumeDevices:VolumeDevice volumeMounts:VolumeMount when:When workingDir workspaces:StepWorkspace',
  StepTemplate:
    'args command computeResources:Resources env:EnvVar envFrom:EnvFrom image imagePullPolicy securityContext:SecurityContext volumeDevices:VolumeDevice volumeMounts:VolumeMount workingDir',
  Sidecar:
    'args command computeResources:Resources env:EnvVar envFrom:EnvFrom image imagePullPolicy lifecycle livenessProbe:Probe name ports:Port readinessProbe:Probe restartPolicy script securityContext:SecurityContext startupProbe:Probe stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices:VolumeDevice volumeMounts:VolumeMount workingDir workspaces:StepWorkspace',
  OutputConfig: 'path',
  Resources: 'claims limits requests',
  EnvVar: 'name value valueFrom:EnvVarSource',
  EnvVarSource:
    'configMapKeyRef:KeySelector fieldRef:FieldSelector fileKeyRef resourceFieldRef secretKeyRef:KeySelector',
  KeySelector: 'key name optional',
  FieldSelector: 'apiVersion fieldPath',
  EnvFrom: 'configMapRef:EnvSource prefix secretRef:EnvSource',
  EnvSource: 'name optional',
  VolumeMount: 'mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr',
  VolumeDevice: 'devicePath name',
  SecurityContext:
    'allowPrivilegeEscalation appArmorProfile capabilities:Capabilities privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seLinuxOptions seccompProfile windowsOptions',
  Capabilities: 'add drop',
  Port: 'containerPort hostIP hostPort name protocol',
  Probe:
    'exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold tcpSocket terminationGracePeriodSeconds timeoutSeconds',
  Volume:
    'awsElasticBlockStore azureDisk azureFile cephfs cinder configMap:ConfigMapVolume csi downwardAPI emptyDir:EmptyDir ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs hostPath:HostPath image iscsi name nfs persistentVolumeClaim:ClaimVolume photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret:SecretVolume storageos vsphereVolume',
  ConfigMapVolume: 'defaultMode items:KeyToPath name optional',
  SecretVolume: 'defaultMode items:KeyToPath optional secretName',
  KeyToPath: 'key mode path',
  EmptyDir: 'medium sizeLimit',
  HostPath: 'path type',
  ClaimVolume: 'claimName readOnly',
};

const deprecatedContainer =
  'lifecycle livenessProbe:Probe ports:Port readinessProbe:Probe resources:Resources startupProbe:Probe stdin stdinOnce terminationMessagePath terminationMessagePolicy tty';

/** What v1beta1 has besides, and `-name` for what it lacks. */
const betaTypes: Readonly<Record<string, string>> = {
  TaskSpec: 'resources',
  EmbeddedTask: 'resources',
  PipelineSpec: 'resources',
  PipelineTask: 'resources',
  TaskRef: 'bundle',
  PipelineRef: 'bundle',
  Step: `-computeResources ${deprecatedContainer}`,
  StepTemplate: `-computeResources name ${deprecatedContainer}`,
  Sidecar: '-computeResources resources:Resources',
};

export interface KnownField {
  /** Undefined where what it holds is not looked into. */
  readonly type: string | undefined;
  /** A mapping whose values have the type. */
  readonly isMap: boolean;
}

/** The fields of a type in an apiVersion; undefined where none are known. */
export function knownFields(
  type: string,
  { beta }: { readonly beta: boolean },
): ReadonlyMap<string, KnownField> | undefined {
  const key = `${type} ${beta}`;
  if (!parsed.has(key)) parsed.set(key, parse(type, beta));
  return parsed.get(key);
}

const parsed = new Map<string, ReadonlyMap<string, KnownField> | undefined>();

function parse(type: string, beta: boolean): ReadonlyMap<string, KnownField> | undefined {
  if (!Object.hasOwn(types, type)) return undefined;
  const words = `${types[type]} ${beta ? (betaTypes[type] ?? '') : ''}`
    .split(' ')
    .filter((word) => word !== '');
  const fields = new Map<string, KnownField>();
  for (const word of words) {
    const [name = '', target] = word.split(':');
    if (name.startsWith('-')) fields.delete(name.slice(1));
    else fields.set(name, { type: target?.replace('*', ''), isMap: target?.startsWith('*') === true });
  }
  return fields;
}
