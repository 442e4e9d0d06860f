import { expect, test } from 'vitest';
import { type KubeApiServerOptions, startKubeApiServer } from '../../test/support/cluster/kube-api-server.js';
import { systemClock } from '../async/system-clock.js';
import { openCluster } from './open-cluster.js';
import { watchObject } from './watch-object.js';

const path = '/api/v1/namespaces/default/configmaps';
const clock = systemClock;

async function start(options: KubeApiServerOptions = {}) {
  const server = await startKubeApiServer(options);
  const cluster = await openCluster({ files: [server.kubeconfig] });
  const put = (name: string, data: Record<string, string>) =>
    server.objects.put(`${path}/${name}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  return { cluster, put, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('watchObject() ends at the change that is waited for, of that object alone', async () => {
  await using world = await start();
  const seen: string[] = [];
  const ended = watchObject<{ readonly data: { readonly state: string } }>(
    world.cluster,
    { path, name: 'mine' },
    {
      clock,
      ms: 20_000,
      until: ({ data: { state } }) => seen.push(state) > 0 && state === 'ready',
    },
  );
  await expect.poll(() => world.server.requests.some(({ query }) => query.watch === 'true')).toBe(true);
  world.put('other', { state: 'ready' });
  world.put('mine', { state: 'begun' });
  world.put('mine', { state: 'ready' });
  expect(await ended).toEqual({ is: 'seen' });
  expect(seen).toEqual(['begun', 'ready']);
});

test('watchObject() ends after its time, with a watch that the API refuses, and with the signal', async () => {
  await using world = await start();
  const name = 'mine';
  expect(await watchObject(world.cluster, { path, name }, { clock, ms: 50 })).toEqual({ is: 'late' });
  const controller = new AbortController();
  const waiting = watchObject(
    world.cluster,
    { path, name },
    { clock, ms: 20_000, signal: controller.signal },
  );
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await using refusing = await start({ intercept: () => ({ status: 403, body: {} }) });
  expect(await watchObject(refusing.cluster, { path, name }, { clock, ms: 20_000 })).toMatchObject({
    is: 'ended',
    cause: expect.anything(),
  });
});
