import { expect, test } from 'vitest';
import { BundlesError } from '../errors.js';
import { type ClusterFacts, chooseClusterRegistry, type RefusedWay } from './choose-cluster-registry.js';

const gateway = { name: 'kind', gateway: '172.18.0.1' };
const hosting = { host: 'localhost:5001', fromRuntime: undefined, fromNetwork: undefined };
const deployed = { namespace: 'registry', service: 'bundles-registry', clusterIp: '10.96.7.8', port: 5000 };
const kindRegistry = {
  name: 'kind-registry',
  addresses: new Map([
    ['bridge', '172.17.0.2'],
    ['kind', '172.18.0.3'],
  ]),
  published: new Map([[5001, 5000]]),
};

function facts(known: Partial<ClusterFacts>): ClusterFacts {
  const nothing = { hosting: undefined, deployed: undefined, network: undefined };
  return { context: 'kind-test', ...nothing, containers: [], ownAddresses: [], ...known };
}

function waysOf(known: Partial<ClusterFacts>): Record<string, string> {
  try {
    chooseClusterRegistry(facts(known));
  } catch (error) {
    if (!(error instanceof BundlesError)) throw error;
    expect([error.code, error.hint]).toEqual([
      'CLUSTER_NO_REGISTRY',
      'Run: npx tekton-bundles registry deploy --context kind-test',
    ]);
    const ways = error.details.ways as readonly RefusedWay[];
    return Object.fromEntries(ways.map(({ way, message }) => [way, message]));
  }
  throw new Error('a registry was chosen');
}

test('a registry that the cluster names by an address pods reach is taken as it is named', () => {
  const named = { ...hosting, fromNetwork: '172.18.0.9:5000' };
  expect(chooseClusterRegistry(facts({ hosting: named, deployed }))).toMatchObject({
    kind: 'beside',
    push: 'localhost:5001',
    pull: '172.18.0.9:5000',
  });
});

test("kind's own registry is referred to by the address of its container, since the resolver asks its name by https", () => {
  for (const fromNetwork of ['kind-registry:5000', undefined]) {
    const known = { hosting: { ...hosting, fromNetwork }, containers: [kindRegistry], network: gateway };
    expect(chooseClusterRegistry(facts(known))).toMatchObject({
      kind: 'beside',
      push: 'localhost:5001',
      pull: '172.18.0.3:5000',
    });
  }
});

test('a container that publishes another port, or is on another network, is not taken for the registry', () => {
  const elsewhere = { ...kindRegistry, addresses: new Map([['bridge', '172.17.0.2']]) };
  const other = { ...kindRegistry, published: new Map([[5002, 5000]]) };
  const ways = waysOf({ hosting, containers: [elsewhere, other], network: gateway });
  expect(ways.beside).toContain("localhost:5001 is the resolver's own pod");
});

test('a deployed registry is taken by its ClusterIP if there is none beside the cluster', () => {
  expect(chooseClusterRegistry(facts({ deployed, network: gateway, ownAddresses: ['172.18.0.1'] }))).toEqual({
    kind: 'deployed',
    deployed,
    pull: '10.96.7.8:5000',
    because: 'registry deploy put one into the namespace registry',
  });
  expect(waysOf({ deployed: { ...deployed, clusterIp: 'fd00::1' } }).deployed).toBeTruthy();
});

test("the embedded registry is taken on the gateway of the nodes' network, where that is this machine", () => {
  const known = { network: gateway, ownAddresses: ['127.0.0.1', '172.18.0.1'] };
  expect(chooseClusterRegistry(facts(known))).toMatchObject({
    kind: 'embedded',
    address: '172.18.0.1',
    pull: '172.18.0.1',
  });
});

test('every way that leads nowhere is reported with its reason', () => {
  expect(waysOf({})).toEqual({
    beside: 'it names no registry (ConfigMap kube-public/local-registry-hosting)',
    deployed: 'none was put into it by registry deploy',
    embedded: 'its nodes are not containers on this machine',
  });
  expect(waysOf({ network: gateway, ownAddresses: ['127.0.0.1'] }).embedded).toContain(
    'is not an address of this machine',
  );
  const publicGateway = { name: 'odd', gateway: '203.0.113.1' };
  expect(waysOf({ network: publicGateway, ownAddresses: ['203.0.113.1'] }).embedded).toContain('plain http');
});
