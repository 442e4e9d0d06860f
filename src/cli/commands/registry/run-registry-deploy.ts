import { deployRegistry } from '../../../cluster/deploy-registry.js';
import { registryImage, registryObjects } from '../../../cluster/registry-objects.js';
import { BundlesError } from '../../../errors.js';
import { openKubeconfig } from '../../../open/open-kubeconfig.js';
import { fromJson } from '../../../tekton/objects/from-json.js';
import { writeYaml } from '../../../tekton/yaml/write-yaml.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface DeployOptions extends CommonOptions {
  readonly context?: string;
  readonly namespace: string;
  readonly image?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly print?: boolean;
}

/** Puts a registry into a cluster and prints its address, or prints the objects. */
export async function runRegistryDeploy({ context }: Session, options: DeployOptions): Promise<void> {
  const { namespace, image = registryImage, output, timeout: timeoutMs, print = false } = options;
  requireNamespace(namespace);
  const objects = registryObjects({ namespace, image });
  if (print && output === 'text') {
    const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    const documents = [own, ...objects].map((object) => writeYaml(fromJson(JSON.stringify(object))));
    return context.stdout.yaml(documents.join('---\n'));
  }
  const known = { version: 1, namespace, image };
  if (print) {
    const nowhere = { context: null, service: null, reference: null };
    return context.stdout.json({ ...known, ...nowhere, objects, error: null });
  }
  const { clock, signal } = context;
  const cluster = await openKubeconfig(context, options.context);
  if (!options.quiet) {
    context.stderr.line(
      `putting ${image} into the namespace ${namespace} of ${cluster.context}; nodes without a way to that image need it loaded first: kind load docker-image ${image}`,
    );
  }
  const wait = context.waits.begin(`waiting for the registry in the namespace ${namespace}`);
  const { service, clusterIp, port } = await deployRegistry(cluster, {
    namespace,
    image,
    timeoutMs,
    clock,
    signal,
  });
  wait.end();
  const reference = `${clusterIp}:${port}`;
  if (output === 'json')
    context.stdout.json({ ...known, context: cluster.context, service, reference, objects, error: null });
  else
    context.stdout.line(
      `${reference} is the registry of ${cluster.context}: bundles are referred to as ${reference}/NAME@DIGEST there`,
    );
}

function requireNamespace(namespace: string): void {
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return;
  throw new BundlesError(
    'USAGE',
    `Cannot use the namespace ${JSON.stringify(namespace)}: it is not a valid name`,
    {
      hint: 'Lower-case letters, digits and hyphens, 63 at most',
    },
  );
}
