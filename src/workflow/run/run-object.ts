import { BundlesError } from '../../errors.js';
import { objectPart, type StoredObject } from '../../tekton/objects/object-part.js';
import { declaredParams, runParams } from './run-param.js';
import { runWorkspaces } from './run-workspace.js';

/** An object of a bundle, as a run refers to it. */
export interface RunnableObject extends StoredObject {
  /** Of any case; a Pipeline or a Task. */
  readonly kind: string;
  readonly name: string;
}

/** The bundle, the params and the workspaces of a run. */
export interface RunObjectOptions {
  /** The bundle as the cluster is to find it, with its digest. */
  readonly bundle: string;
  /** `NAME=VALUE`; what is not given is the default. */
  readonly params?: readonly string[];
  /** As `tkn` takes them, e.g. `name=shared,emptyDir=`. */
  readonly workspaces?: readonly string[];
  /** Default: a generated one. */
  readonly name?: string | undefined;
  /** What a generated name begins with. Default: the object's name. */
  readonly prefix?: string | undefined;
  readonly namespace?: string | undefined;
  /** Runs the pods, and its imagePullSecrets are the resolver's for the bundle. */
  readonly serviceAccount?: string | undefined;
  /** A secret of type dockerconfigjson in the run's namespace, for the resolver. */
  readonly secret?: string | undefined;
  /** Whether the resolver keeps what it found. Its default, `auto`, does for digests. */
  readonly cache?: 'always' | 'never' | 'auto' | undefined;
}

/** A PipelineRun or a TaskRun, ready to be written as YAML or JSON. */
export interface RunObject {
  readonly apiVersion: 'tekton.dev/v1';
  readonly kind: 'PipelineRun' | 'TaskRun';
  readonly metadata: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The PipelineRun or TaskRun that has the cluster's bundles resolver read an object of a bundle. Params that are not given keep their
 * defaults.
 *
 * @throws USAGE for params and workspaces that are unknown, missing or wrong; BUNDLE_INVALID for an object of another kind
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readSources } from 'tekton-bundles/bundle';
 * import { createRunObject } from 'tekton-bundles/workflow';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const [pipeline] = readSources([{ path, bytes: await readFile(path) }]).objects;
 * if (!pipeline) throw new Error('the file has a Pipeline');
 * const bundle = `quay.io/acme/hello:v1@sha256:${'0'.repeat(64)}`;
 * const run = createRunObject(pipeline, { bundle, params: ['MESSAGE=Good morning'] });
 * console.log(run.kind, run.metadata.generateName); // PipelineRun workflow-
 * ```
 */
export function createRunObject(object: RunnableObject, options: RunObjectOptions): RunObject {
  const kind = object.kind.toLowerCase();
  if (kind !== 'pipeline' && kind !== 'task') {
    throw new BundlesError(
      'BUNDLE_INVALID',
      `Cannot run the ${kind} ${JSON.stringify(object.name)}: wanted a Pipeline or a Task`,
    );
  }
  const spec = objectPart(object, ['spec']);
  const params = runParams(declaredParams(spec), options.params ?? []);
  const workspaces = runWorkspaces(spec, options.workspaces ?? []);
  const { serviceAccount, name, namespace } = options;
  const isPipeline = kind === 'pipeline';
  const account = isPipeline
    ? { taskRunTemplate: { serviceAccountName: serviceAccount } }
    : { serviceAccountName: serviceAccount };
  return {
    apiVersion: 'tekton.dev/v1',
    kind: isPipeline ? 'PipelineRun' : 'TaskRun',
    metadata: {
      ...(name === undefined
        ? { generateName: generatedName(options.prefix ?? object.name) }
        : { name: dnsName(name, 'name') }),
      ...(namespace === undefined ? {} : { namespace: dnsName(namespace, 'namespace') }),
    },
    spec: {
      [isPipeline ? 'pipelineRef' : 'taskRef']: {
        resolver: 'bundles',
        params: resolverParams(object, kind, options),
      },
      ...(params.length > 0 ? { params } : {}),
      ...(workspaces.length > 0 ? { workspaces } : {}),
      ...(serviceAccount === undefined ? {} : account),
    },
  };
}

function resolverParams(
  { name }: RunnableObject,
  kind: string,
  { bundle, serviceAccount, secret, cache }: RunObjectOptions,
): { name: string; value: string }[] {
  const params = { bundle, name, kind, serviceAccount, secret, cache };
  return Object.entries(params).flatMap(([key, value]) =>
    value === undefined ? [] : [{ name: key, value }],
  );
}

/** Kubernetes adds five letters, and the names of pods want room behind that. */
function generatedName(name: string): string {
  return `${name
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-|-$/g, '')}-`;
}

function dnsName(text: string, what: 'name' | 'namespace'): string {
  const longest = what === 'namespace' ? 63 : 253;
  const dots = what === 'namespace' ? '' : '.';
  const pattern = new RegExp(`^[a-z0-9](?:[a-z0-9${dots}-]*[a-z0-9])?$`);
  if (text.length <= longest && pattern.test(text)) return text;
  throw new BundlesError(
    'USAGE',
    `Cannot use the ${what} ${JSON.stringify(text.slice(0, 300))}: wanted lower-case letters, digits and -`,
  );
}
