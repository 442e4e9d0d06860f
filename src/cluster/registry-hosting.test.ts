import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRegistryHosting } from './registry-hosting.js';

test("what kind's script writes is read", async () => {
  const text = 'host: "localhost:5001"\nhelp: "https://kind.sigs.k8s.io/docs/user/local-registry/"\n';
  expect(await parseRegistryHosting(text)).toEqual({
    host: 'localhost:5001',
    fromRuntime: undefined,
    fromNetwork: undefined,
  });
});

test('all three hosts are read, and what is not a host is passed over', async () => {
  const text =
    'host: LOCALHOST:5001\nhostFromContainerRuntime: registry:5000\nhostFromClusterNetwork: http://evil/\n';
  expect(await parseRegistryHosting(text)).toEqual({
    host: 'localhost:5001',
    fromRuntime: 'registry:5000',
    fromNetwork: undefined,
  });
});

test.each([
  '',
  'host: 5',
  'host: "a b"',
  '- host',
  ': :',
  'host: "x@y"',
  `host: localhost:5001\n${'#'.repeat(70_000)}`,
])('no host comes of %j', async (text) => {
  expect(await parseRegistryHosting(text.slice(0, 80_000))).toBeUndefined();
});

test('whatever a ConfigMap holds, nothing breaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
      const found = await parseRegistryHosting(`host: ${text}`);
      expect(found === undefined || /^[\w.:[\]-]+$/.test(found.host)).toBe(true);
    }),
  );
});
