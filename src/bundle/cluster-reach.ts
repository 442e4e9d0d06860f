import { isIPv4, isIPv6 } from 'node:net';
import { locationOfHost } from '../http/host-location.js';
import { canonicalRegistry, dockerHub } from '../oci/registry-host.js';

/** Whether a registry can be reached by Tekton's bundles resolver, which runs in a pod and has its own rules. */
export interface ClusterReach {
  /** The scheme that the resolver uses for this host; it has no option to change it. */
  readonly scheme: 'http' | 'https';
  readonly reachable: boolean;
  readonly reason: ReachReason;
  /** What is so about the host. */
  readonly message: string;
  /** What to do; null where it can be reached. */
  readonly remedy: string | null;
}

/** Why a cluster can or cannot reach a registry, in one stable word. */
export type ReachReason =
  | 'public'
  | 'private-address'
  | 'loopback'
  | 'container-host'
  | 'no-address'
  | 'no-host'
  | 'https-only'
  | 'plain-http'
  | 'private-authority';

/** What is known of how a registry is reached from here. */
export interface RegistryManner {
  /** It serves plain http. */
  readonly plainHttp?: boolean;
  /** Its certificate is of an authority that machines do not trust by default, or is not checked. */
  readonly privateAuthority?: boolean;
}

/**
 * Judges from its name whether Tekton's resolver in a cluster can read a registry host (with port). No request is made.
 *
 * @example
 * ```ts
 * import { clusterReach } from 'tekton-bundles/cluster';
 *
 * console.log(clusterReach('quay.io').reachable, clusterReach('localhost:5001').reason); // true loopback
 * ```
 */
export function clusterReach(registry: string, manner: RegistryManner = {}): ClusterReach {
  const scheme = resolverScheme(registry);
  const host = hostOf(registry);
  const finding = find({ registry, host, scheme, manner });
  const { reason, message, remedy } = finding;
  return { scheme, reachable: remedy === null, reason, message, remedy };
}

/**
 * The scheme that the resolver's library (go-containerregistry, pkg/name) uses for a host: http for private
 * IPv4 addresses (RFC 1918), `localhost:PORT`, names below `.localhost`, 127.0.0.1 and [::1]; https for all others,
 * also for `*.local` and `*.svc.cluster.local`.
 */
export function resolverScheme(registry: string): 'http' | 'https' {
  if (isPrivateAddress(registry.split(':')[0] ?? '')) return 'http';
  if (registry.startsWith('localhost:')) return 'http';
  const plain = /(?:\.localhost|^127\.0\.0\.1|^\[::1\])(?::\d{1,5})?$/;
  return plain.test(registry) ? 'http' : 'https';
}

interface Question {
  readonly registry: string;
  /** Without port and brackets, in lower case. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly manner: RegistryManner;
}

type Finding = Pick<ClusterReach, 'reason' | 'message' | 'remedy'>;

function find({ registry, host, scheme, manner }: Question): Finding {
  if (canonicalRegistry(registry) === dockerHub) return reached('public', 'Docker Hub');
  if (locationOfHost(host) === 'loopback') {
    return refused('loopback', `${registry} is the resolver's own pod there, not this machine`, byAddress);
  }
  if (isContainerHost(host)) {
    const message = `${registry} is the name of this machine for its containers; pods of a cluster cannot resolve it, and the resolver would use https`;
    return refused('container-host', message, byAddress);
  }
  // The unspecified address and link-local ones, cloud metadata among them.
  if (locationOfHost(host) === 'special') {
    return refused('no-address', `${registry} is an address that no pod can send to`, byAddress);
  }
  if (!/[.:]/.test(registry)) {
    const message = `the resolver takes ${JSON.stringify(registry)} for a part of a name on Docker Hub, not for a host`;
    return refused('no-host', message, 'Name the registry with its domain or its port');
  }
  if (scheme === 'http') {
    return reached(
      'private-address',
      `${registry} is a private address; the resolver tries https and then http`,
    );
  }
  if (manner.plainHttp) {
    return refused('plain-http', `${registry} uses plain http, and the resolver uses https`, byTls);
  }
  if (isOfCluster(host)) {
    const message = `${registry} is a name of the cluster or of one machine's network, and the resolver uses https for such names`;
    return refused('https-only', message, byTls);
  }
  if (manner.privateAuthority) {
    const message = `${registry} has a certificate of an authority that the resolver does not trust`;
    return refused('private-authority', message, byAuthority);
  }
  return reached('public', `${registry} is reached by https`);
}

const byAddress =
  'Push to a registry that the cluster reaches, and refer to it as the cluster does: by the ClusterIP and port of its service or, with kind, by the address of the registry container (172.18.x.x:5000); the digest stays the same. `fallback: {registry, clusterReference}` declares both';
const byTls =
  'Refer to it by a private IPv4 address and port (its ClusterIP, or the address of the container), which the resolver also reaches by http, or give it a certificate that the resolver trusts';
const byAuthority =
  "Add the authority to the resolver's deployment (SSL_CERT_DIR in the namespace tekton-pipelines-resolvers), or use a registry with a public certificate";

function reached(reason: ReachReason, message: string): Finding {
  return { reason, message, remedy: null };
}

function refused(reason: ReachReason, message: string, remedy: string): Finding {
  return { reason, message, remedy };
}

function hostOf(registry: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(registry)?.[1];
  return (bracketed ?? registry.replace(/:\d+$/, '')).toLowerCase();
}

/** Names that docker, podman, minikube and k3d give to the host machine inside containers. */
function isContainerHost(host: string): boolean {
  return /^(?:host|gateway|kubernetes)\.(?:docker|containers|minikube|k3d|lima)\.internal$/.test(host);
}

/** No certificate authority vouches for these: names of services, names without a domain, other private addresses. */
function isOfCluster(host: string): boolean {
  if (isIPv4(host)) return /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(host);
  if (isIPv6(host)) return /^f[cd]/.test(host);
  return !host.includes('.') || /\.(?:local|svc|internal|lan|home\.arpa)$/.test(host);
}

function isPrivateAddress(host: string): boolean {
  return isIPv4(host) && /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host);
}
