import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { findClusterRegistry } from '../../../src/cluster/find-cluster-registry.js';
import { openCluster } from '../../../src/cluster/open-cluster.js';
import { requireResources } from '../../../src/engine/preflight.js';
import { withBuildSlot } from '../../../src/engine/slots/build-slot.js';
import { type ErrorCode, toBundlesError } from '../../../src/errors.js';
import { withFileLock } from '../../../src/fs/file-lock.js';
import { phase } from '../../../src/testing/phases/phase.js';
import { runPhases } from '../../../src/testing/phases/run-phases.js';
import { startRegistry } from '../../../src/testing/start-registry.js';
import { createFastClock } from '../clocks/fast-clock.js';
import { type KubeApiServerOptions, startKubeApiServer } from '../cluster/kube-api-server.js';
import { listen } from '../network/listen.js';
import { config, declared } from './project-failures.js';
import type { Fail, Stage } from './stage.js';

/** An hour takes a second. */
const hastyClock = createFastClock(3_600);
const nowhere = { PATH: '/nonexistent' };

/** Runs `images ensure` for an image of this Containerfile, without an engine. */
function ensureImage(stage: Stage, files: Readonly<Record<string, string>>): Promise<unknown> {
  const image = 'images:\n  api: {reference: localhost/api, context: api}\n';
  stage.write({ 'bundles.yaml': `${declared()}${image}`, 'api/Containerfile': 'FROM scratch\n', ...files });
  const environment = { ...nowhere, XDG_STATE_HOME: join(stage.path, 'state') };
  return stage.run(['images', 'ensure', ...config], { environment });
}

/** Runs `registry deploy` for a cluster that answers so. */
async function deploy(stage: Stage, intercept: KubeApiServerOptions['intercept']): Promise<unknown> {
  const server = stage.keep(await startKubeApiServer({ intercept }));
  return stage.run(['registry', 'deploy'], { environment: { KUBECONFIG: server.kubeconfig } });
}

/** Failures of this machine, of a cluster, and of what runs on it. */
export const machineFailures: Partial<Record<ErrorCode, Fail>> = {
  CONTAINERFILE_INVALID: (stage) => ensureImage(stage, { 'api/Containerfile': `ARG BASE\nFROM \${BASE}\n` }),
  CONTEXT_INVALID: (stage) => ensureImage(stage, { 'api/.containerignore': '[\n' }),
  BUSY: async (stage) => {
    const host = hostname()
      .replaceAll(/[^A-Za-z0-9-]/g, '-')
      .slice(0, 60);
    stage.show(`process ${process.pid} on ${host}`, 'process 4711 on ci-7');
    const path = join(stage.path, '.bundles/lock');
    const lock = (task: () => Promise<unknown>) =>
      withFileLock(path, task, { clock: hastyClock, timeoutMs: 2_000 });
    return lock(() => lock(async () => undefined));
  },
  ADDRESS_IN_USE: async (stage) =>
    stage.run(['registry', 'serve', '--port', String(await listen(createServer()))]),
  PACKAGE_MISSING: async (stage) => {
    try {
      return createRequire(join(stage.path, 'here.js'))('@kubernetes/client-node');
    } catch (error) {
      throw toBundlesError(error);
    }
  },
  ENGINE_NOT_FOUND: (stage) => ensureImage(stage, {}),
  RESOURCES_LOW: () =>
    requireResources({ name: 'podman', remote: true, directories: [], memoryBytes: 2 ** 29 } as never),
  SLOT_TIMEOUT: async (stage) => {
    stage.show(stage.path, '/tmp/slots');
    stage.show(`processes ${process.pid}`, 'processes 4711');
    const at = { directory: stage.path, limit: 1, clock: hastyClock, waitTimeoutMs: 60_000 };
    return withBuildSlot(at, () => withBuildSlot(at, async () => undefined));
  },
  SLOTS_UNSAFE: async (stage) => {
    mkdirSync(join(stage.path, 'directory'));
    symlinkSync(join(stage.path, 'directory'), join(stage.path, 'slots'));
    stage.show(join(stage.path, 'slots'), '/tmp/slots');
    return stage.run(['images', 'ps', '--slots-dir', '@/slots']);
  },
  CLUSTER_CONFIG_INVALID: (stage) => stage.run(['registry', 'deploy']),
  CLUSTER_UNREACHABLE: (stage) => deploy(stage, () => 'reset'),
  CLUSTER_REFUSED: (stage) =>
    deploy(stage, ({ method }) =>
      method === 'PATCH' ? { status: 403, body: { message: 'namespaces is forbidden' } } : undefined,
    ),
  CLUSTER_NO_REGISTRY: async (stage) => {
    const server = stage.keep(await startKubeApiServer());
    const cluster = await openCluster({ files: [server.kubeconfig] });
    return findClusterRegistry(cluster, { environment: nowhere, ownAddresses: ['127.0.0.1'] });
  },
  PHASE_FAILED: async () => {
    const port = await listen(createServer());
    return runPhases([phase('registry', { run: () => startRegistry({ port }) })]);
  },
  UNEXPECTED: async () => {
    const value = JSON.parse('{}');
    try {
      return value.bundles.length;
    } catch (error) {
      throw toBundlesError(error);
    }
  },
};
