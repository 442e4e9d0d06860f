import { test } from 'vitest';
import { podmanStore } from '../support/engines/podman-store.js';
import { findPeers } from '../support/peers.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { expectWorkflowsOf } from '../support/samples/workflow-scenario.js';

const peers = findPeers('docker-registry', 'podman', 'busybox');

test.skipIf(peers === undefined)(
  'an image that podman builds, a bundle and workflows of two engines on docker-registry and in a cluster',
  async () => {
    await using registry = await startDockerRegistry({ program: peers?.['docker-registry'] });
    await using store = await podmanStore(peers?.podman ?? '');
    await expectWorkflowsOf(registry.host, { ...store.env, PATH: process.env.PATH });
  },
  240_000,
);
