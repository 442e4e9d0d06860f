import type { V1Deployment, V1Service } from '@kubernetes/client-node';

/** Selects what `registry deploy` put into a cluster. */
export const deployedLabel =
  'app.kubernetes.io/managed-by=tekton-bundles,app.kubernetes.io/component=registry';

/** The registry image that is deployed unless another is named; 2.x takes what bundles are made of. */
export const registryImage = 'docker.io/library/registry:2.8.3';

export interface RegistryObjectsOptions {
  readonly namespace: string;
  /** Default: registryImage. */
  readonly image?: string;
}

const name = 'bundles-registry';
const port = 5000;

/**
 * A registry for a test cluster: one pod whose content is gone with it, and a service in front of it. No password is
 * required, as usual within a cluster of one's own.
 */
export function registryObjects({
  namespace,
  image = registryImage,
}: RegistryObjectsOptions): readonly [V1Deployment, V1Service] {
  const labels = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/component': 'registry',
    'app.kubernetes.io/managed-by': 'tekton-bundles',
  };
  const selector = { 'app.kubernetes.io/name': name };
  const container = {
    name: 'registry',
    image,
    // A pre-loaded image is on the node and nowhere else.
    imagePullPolicy: 'IfNotPresent',
    env: [{ name: 'REGISTRY_STORAGE_DELETE_ENABLED', value: 'true' }],
    ports: [{ name: 'http', containerPort: port }],
    readinessProbe: { httpGet: { path: '/v2/', port }, periodSeconds: 1 },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      runAsUser: 65_532,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [{ name: 'content', mountPath: '/var/lib/registry' }],
  };
  const pod = {
    automountServiceAccountToken: false,
    securityContext: { fsGroup: 65_532 },
    containers: [container],
    volumes: [{ name: 'content', emptyDir: { sizeLimit: '1Gi' } }],
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        template: { metadata: { labels }, spec: pod },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels },
      spec: { selector, ports: [{ name: 'http', port, targetPort: port }] },
    },
  ];
}
