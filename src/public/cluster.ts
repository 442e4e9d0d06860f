/** Clusters, and the registries that their bundles resolver can read. Needs the package `@kubernetes/client-node`. */

export type { Clock } from '../async/clock.js';
export type { ClusterReach, ReachReason, RegistryManner } from '../bundle/cluster-reach.js';
export { clusterReach } from '../bundle/cluster-reach.js';
export type { ClusterRegistry, DeployedRegistry } from '../cluster/choose-cluster-registry.js';
export type { DeployRegistryOptions } from '../cluster/deploy-registry.js';
export { deployRegistry } from '../cluster/deploy-registry.js';
export type { FindClusterRegistryOptions } from '../cluster/find-cluster-registry.js';
export { findClusterRegistry } from '../cluster/find-cluster-registry.js';
export type { ForwardedPort } from '../cluster/forward-port.js';
export { forwardRegistry } from '../cluster/forward-port.js';
export type { Cluster, OpenClusterOptions } from '../cluster/open-cluster.js';
export { openCluster } from '../cluster/open-cluster.js';
export type { ServiceAccount } from '../cluster/service-account.js';
export { serviceAccountOf } from '../cluster/service-account.js';
export type { CallOptions } from '../content/store.js';
