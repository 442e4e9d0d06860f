import { expect, test } from 'vitest';
import { createJumpingClock } from '../../../test/support/clocks/jumping-clock.js';
import { systemError, wireRefusal } from '../../../test/support/registry/scripted-fetch.js';
import { failureOf, openScripted } from '../../../test/support/registry/scripted-registry.js';
import { digestOf } from '../../oci/digest.js';
import { createRequestBudget } from './request-budget.js';

const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const found = () =>
  new Response(null, {
    headers: {
      'content-type': mediaType,
      'docker-content-digest': digestOf(new Uint8Array()),
      'content-length': '9',
    },
  });
const bearer = { 'www-authenticate': 'Bearer realm="https://auth.example/token",service="s"' };

test('the request after the last one allowed is not sent', async () => {
  const { store, seen } = openScripted(found, { budget: createRequestBudget(2) });
  await store.resolve('v1');
  await store.resolve('v2');
  const error = await failureOf(store.resolve('v3'));
  expect(error).toMatchObject({ code: 'REQUEST_LIMIT', details: { limit: 2 } });
  expect(error.message).toBe('Cannot send another request: no more than 2 are allowed');
  expect(seen).toHaveLength(2);
});

test('token requests and repeated ones count, and many at once never go beyond it', async () => {
  const tokens = openScripted(
    ({ url }) =>
      url.host === 'auth.example'
        ? Response.json({ token: 't' })
        : new Response(null, { status: 401, headers: bearer }),
    { budget: createRequestBudget(1) },
  );
  expect(await failureOf(tokens.store.resolve('v1'))).toMatchObject({ code: 'REQUEST_LIMIT' });
  expect(tokens.seen).toHaveLength(1);
  const repeats = openScripted(() => wireRefusal(503, 'UNAVAILABLE'), { budget: createRequestBudget(3) });
  expect(await failureOf(repeats.store.resolve('v1'))).toMatchObject({ code: 'REQUEST_LIMIT' });
  expect(repeats.seen).toHaveLength(3);
  const many = openScripted(found, { budget: createRequestBudget(7) });
  const all = Array.from({ length: 40 }, (_, index) => many.store.resolve(`v${index}`));
  const settled = await Promise.allSettled(all);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
  expect(many.seen).toHaveLength(7);
});

test('two clients may share one budget, and finding out what a loopback host speaks costs nothing', async () => {
  const budget = createRequestBudget(2);
  const secure = ({ url }: { url: URL }) => (url.protocol === 'http:' ? systemError('ECONNRESET') : found());
  const one = openScripted(secure, { budget, registry: 'localhost:5000' });
  const other = openScripted(secure, { budget, registry: 'localhost:5000' });
  await one.store.resolve('v1');
  await other.store.resolve('v1');
  expect(await failureOf(one.store.resolve('v2'))).toMatchObject({ code: 'REQUEST_LIMIT' });
});

test('the report counts what was sent, what was repeated, and what an existing token saved', async () => {
  let down = true;
  const { client } = openScripted(({ url, headers }) => {
    if (url.host === 'auth.example') return Response.json({ token: 't', expires_in: 3600 });
    if (!headers.has('authorization')) return new Response(null, { status: 401, headers: bearer });
    const busy = down;
    down = false;
    return busy ? new Response(null, { status: 503 }) : found();
  });
  const store = client.repository({ registry: 'registry.example', repository: 'a/b' });
  for (const tag of ['v1', 'v2', 'v3']) await store.resolve(tag);
  expect(client.report()).toEqual({ requests: 6, retried: 1, saved: 2 });
});

test('what is not sent to a host that was given up is saved', async () => {
  const { client, seen } = openScripted(() => systemError('ENOTFOUND'), { patience: 'brief' });
  const open = (name: string) => client.repository({ registry: 'registry.example', repository: name });
  for (const name of ['a', 'b', 'c']) await failureOf(open(name).resolve('v1'));
  expect(client.report()).toMatchObject({ requests: seen.length, saved: 2 });
});

test('a first answer that is a 429 starts no others: one request alone learns the challenge of the registry', async () => {
  const clock = createJumpingClock();
  let busy = true;
  const { client, seen } = openScripted(
    ({ url, headers }) => {
      if (url.host === 'auth.example') return Response.json({ token: 't', expires_in: 3600 });
      const first = busy;
      busy = false;
      if (first) return new Response(null, { status: 429 });
      return headers.has('authorization') ? found() : new Response(null, { status: 401, headers: bearer });
    },
    { clock },
  );
  const store = client.repository({ registry: 'registry.example', repository: 'a/b' });
  await Promise.all(Array.from({ length: 20 }, (_, index) => store.resolve(`v${index}`)));
  // The 429, the challenge, the token, and one request for each tag.
  expect(seen).toHaveLength(23);
});
