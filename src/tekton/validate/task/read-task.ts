import type { FieldPath } from '../../objects/field-path.js';
import { child, type Field, isNil, items, optional, type Text, textAt, textsAt } from '../field.js';
import {
  type Defaulting,
  type Param,
  type ParamSpec,
  type Result,
  readParamSpecs,
  readParams,
  readResults,
} from '../values/read-params.js';

/** What steps, sidecars, step templates and StepActions have in common. */
export interface Container {
  readonly path: FieldPath;
  /** All of it. */
  readonly field: Field;
  readonly name: Text;
  readonly image: Text;
  readonly command: readonly Text[];
  readonly args: readonly Text[];
  readonly workingDir: Text;
  readonly imagePullPolicy: Text;
  /** Undefined for Go's nil. */
  readonly env: readonly EnvVar[] | undefined;
  /** Texts of `envFrom`: the prefix and the names of its sources. */
  readonly envFrom: readonly Text[];
  readonly volumeMounts: readonly VolumeMount[];
  /** Texts of `volumeDevices`: names and paths. */
  readonly volumeDevices: readonly Text[];
  readonly script: Text;
}

export interface EnvVar {
  readonly path: FieldPath;
  readonly name: Text;
  readonly value: Text;
  readonly hasValueFrom: boolean;
  /** Names and keys of `valueFrom`. */
  readonly sources: readonly Text[];
}

export interface VolumeMount {
  readonly path: FieldPath;
  readonly name: Text;
  readonly mountPath: Text;
  readonly subPath: Text;
}

export interface Step extends Container {
  readonly ref: Ref | undefined;
  readonly params: readonly Param[];
  readonly results: readonly Result[];
  /** False for Go's nil. */
  readonly hasResults: boolean;
  readonly when: readonly When[];
  readonly timeout: Text;
  readonly onError: Text;
  /** Names of the workspaces used. */
  readonly workspaces: readonly Text[];
  readonly stdoutConfig: FieldPath | undefined;
  readonly stderrConfig: FieldPath | undefined;
}

/** A reference to a Task, a Pipeline or a StepAction. */
export interface Ref {
  readonly path: FieldPath;
  readonly name: Text;
  readonly kind: Text;
  readonly apiVersion: Text;
  readonly resolver: Text;
  /** Undefined for Go's nil. */
  readonly params: readonly Param[] | undefined;
  /** Of v1beta1. */
  readonly bundle: Text;
}

export interface When {
  readonly path: FieldPath;
  readonly input: Text;
  readonly operator: Text;
  readonly values: readonly Text[];
  readonly cel: Text;
}

export interface TaskSpec {
  readonly path: FieldPath;
  readonly steps: readonly Step[];
  readonly stepTemplate: Container | undefined;
  readonly sidecars: readonly (Container & { readonly workspaces: readonly Text[] })[];
  readonly params: readonly ParamSpec[];
  readonly results: readonly Result[];
  readonly workspaces: readonly { readonly name: Text; readonly mountPath: Text }[];
  /** Names of the volumes. */
  readonly volumes: readonly Text[];
  /** Of v1beta1, where it was removed. */
  readonly resources: Field;
}

export function readTaskSpec(field: Field, { defaults }: Defaulting): TaskSpec {
  return {
    path: field.path,
    steps: items(child(field, 'steps')).map(readStep),
    stepTemplate: optional(child(field, 'stepTemplate'), readContainer),
    sidecars: items(child(field, 'sidecars')).map((sidecar) => ({
      ...readContainer(sidecar),
      workspaces: namesAt(sidecar, 'workspaces'),
    })),
    params: readParamSpecs(child(field, 'params'), { defaults }),
    results: readResults(child(field, 'results'), { defaults }),
    workspaces: items(child(field, 'workspaces')).map((workspace) => ({
      name: textAt(workspace, 'name'),
      mountPath: textAt(workspace, 'mountPath'),
    })),
    volumes: namesAt(field, 'volumes'),
    resources: child(field, 'resources'),
  };
}

export function readContainer(field: Field): Container {
  return {
    path: field.path,
    field,
    name: textAt(field, 'name'),
    image: textAt(field, 'image'),
    command: textsAt(field, 'command'),
    args: textsAt(field, 'args'),
    workingDir: textAt(field, 'workingDir'),
    imagePullPolicy: textAt(field, 'imagePullPolicy'),
    env: optional(child(field, 'env'), (env) => items(env).map(readEnvVar)),
    envFrom: items(child(field, 'envFrom')).flatMap((source) => [
      textAt(source, 'prefix'),
      textAt(child(source, 'configMapRef'), 'name'),
      textAt(child(source, 'secretRef'), 'name'),
    ]),
    volumeMounts: items(child(field, 'volumeMounts')).map((mount) => ({
      path: mount.path,
      name: textAt(mount, 'name'),
      mountPath: textAt(mount, 'mountPath'),
      subPath: textAt(mount, 'subPath'),
    })),
    volumeDevices: items(child(field, 'volumeDevices')).flatMap((device) => [
      textAt(device, 'name'),
      textAt(device, 'devicePath'),
    ]),
    script: textAt(field, 'script'),
  };
}

export function readRef(field: Field): Ref {
  return {
    path: field.path,
    name: textAt(field, 'name'),
    kind: textAt(field, 'kind'),
    apiVersion: textAt(field, 'apiVersion'),
    resolver: textAt(field, 'resolver'),
    params: optional(child(field, 'params'), readParams),
    bundle: textAt(field, 'bundle'),
  };
}

export function readWhen(list: Field): When[] {
  return items(list).map((field) => ({
    path: field.path,
    input: textAt(field, 'input'),
    operator: textAt(field, 'operator'),
    values: textsAt(field, 'values'),
    cel: textAt(field, 'cel'),
  }));
}

/** The `name` of each element of a list. */
export function namesAt(parent: Field, key: string): Text[] {
  return items(child(parent, key)).map((item) => textAt(item, 'name'));
}

function readStep(field: Field): Step {
  return {
    ...readContainer(field),
    ref: optional(child(field, 'ref'), readRef),
    params: readParams(child(field, 'params')),
    results: readResults(child(field, 'results'), { defaults: false }),
    hasResults: !isNil(child(field, 'results')),
    when: readWhen(child(field, 'when')),
    timeout: textAt(field, 'timeout'),
    onError: textAt(field, 'onError'),
    workspaces: namesAt(field, 'workspaces'),
    stdoutConfig: optional(child(field, 'stdoutConfig'), ({ path }) => path),
    stderrConfig: optional(child(field, 'stderrConfig'), ({ path }) => path),
  };
}

function readEnvVar(field: Field): EnvVar {
  const valueFrom = child(field, 'valueFrom');
  const secret = child(valueFrom, 'secretKeyRef');
  const configMap = child(valueFrom, 'configMapKeyRef');
  return {
    path: field.path,
    name: textAt(field, 'name'),
    value: textAt(field, 'value'),
    hasValueFrom: !isNil(valueFrom),
    sources: [secret, configMap].flatMap((source) => [textAt(source, 'key'), textAt(source, 'name')]),
  };
}
