import { expect, test } from 'vitest';
import { clusterReach, type RegistryManner, resolverScheme } from './cluster-reach.js';

/** Every form of host that a reference may have; the schemes are those of go-containerregistry 0.21. */
const forms: readonly [string, 'http' | 'https', string, boolean, RegistryManner?][] = [
  ['quay.io', 'https', 'public', true],
  ['docker.io', 'https', 'public', true],
  ['registry.example:5000', 'https', 'public', true],
  ['8.8.8.8:5000', 'https', 'public', true],
  ['10.96.12.7:5000', 'http', 'private-address', true],
  ['172.18.0.3:5000', 'http', 'private-address', true],
  ['192.168.1.10', 'http', 'private-address', true],
  ['172.32.0.1:5000', 'https', 'public', true],
  ['100.64.0.1:5000', 'https', 'https-only', false],
  ['localhost', 'https', 'loopback', false],
  ['localhost:5000', 'http', 'loopback', false],
  ['registry.localhost:5000', 'http', 'loopback', false],
  ['127.0.0.1:5055', 'http', 'loopback', false],
  ['127.0.0.2:5055', 'https', 'loopback', false],
  ['[::1]:5000', 'http', 'loopback', false],
  ['[0:0:0:0:0:0:0:1]:5000', 'https', 'loopback', false],
  ['0.0.0.0:5000', 'https', 'no-address', false],
  ['169.254.169.254', 'https', 'no-address', false],
  ['[fe80::1]:5000', 'https', 'no-address', false],
  ['[fd00::5]:5000', 'https', 'https-only', false],
  ['[2001:db8::1]:5000', 'https', 'public', true],
  ['kind-registry:5000', 'https', 'https-only', false],
  ['registry.registry.svc:5000', 'https', 'https-only', false],
  ['registry.registry.svc.cluster.local:5000', 'https', 'https-only', false],
  ['registry.local', 'https', 'https-only', false],
  ['host.docker.internal:5000', 'https', 'container-host', false],
  ['host.containers.internal:5000', 'https', 'container-host', false],
  ['Registry', 'https', 'no-host', false],
  ['registry.example:5000', 'https', 'plain-http', false, { plainHttp: true }],
  ['10.0.0.1:5000', 'http', 'private-address', true, { plainHttp: true }],
  ['registry.example', 'https', 'private-authority', false, { privateAuthority: true }],
];

test.each(forms)('%s is asked by %s: %s', (registry, scheme, reason, reachable, manner) => {
  const reach = clusterReach(registry, manner);
  expect(reach).toMatchObject({ scheme, reason, reachable });
  expect(reach.message).not.toBe('');
  expect(reach.remedy === null).toBe(reachable);
});

test('a host that looks like loopback is none', () => {
  expect(resolverScheme('127.0.0.1.example.com')).toBe('https');
  expect(resolverScheme('10.0.0.1.example.com:80')).toBe('https');
  expect(resolverScheme('notlocalhost:5000')).toBe('https');
});
