import { test } from 'vitest';
import { startDockerRegistry } from '../support/docker-registry.js';
import { findPeers } from '../support/peers.js';
import { expectWorkflowsOf } from '../support/workflow-scenario.js';

const peers = findPeers('docker-registry');

test.skipIf(peers === undefined)(
  'an image, a bundle and workflows of two engines on docker-registry and in a cluster',
  async () => {
    await using registry = await startDockerRegistry({ program: peers?.['docker-registry'] });
    await expectWorkflowsOf(registry.host);
  },
  60_000,
);
