import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseContainers, parseNetworks } from './container-networks.js';

test("networks are read in docker's form and in podman's, by their IPv4 gateway", () => {
  const docker = [
    {
      Name: 'kind',
      Driver: 'bridge',
      IPAM: {
        Config: [
          { Subnet: 'fc00:f853:ccd:e793::/64', Gateway: 'fc00:f853:ccd:e793::1' },
          { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' },
        ],
      },
    },
  ];
  const podman = [
    { name: 'kind', driver: 'bridge', subnets: [{ subnet: '10.89.0.0/24', gateway: '10.89.0.1' }] },
  ];
  expect(parseNetworks(JSON.stringify(docker))).toEqual([{ name: 'kind', gateway: '172.18.0.1' }]);
  expect(parseNetworks(JSON.stringify(podman))).toEqual([{ name: 'kind', gateway: '10.89.0.1' }]);
  expect(parseNetworks('[{"Name":"none","IPAM":{"Config":null}}]')).toEqual([]);
});

test('containers are read with their addresses and published TCP ports', () => {
  const inspected = [
    {
      Name: '/kind-registry',
      NetworkSettings: {
        Networks: {
          bridge: { IPAddress: '172.17.0.2' },
          kind: { IPAddress: '172.18.0.3' },
          late: { IPAddress: '' },
        },
        Ports: {
          '5000/tcp': [
            { HostIp: '127.0.0.1', HostPort: '5001' },
            { HostIp: '::1', HostPort: '5001' },
          ],
          '53/udp': [{ HostIp: '', HostPort: '5353' }],
          '443/tcp': null,
        },
      },
    },
  ];
  expect(parseContainers(JSON.stringify(inspected))).toEqual([
    {
      name: 'kind-registry',
      addresses: new Map([
        ['bridge', '172.17.0.2'],
        ['kind', '172.18.0.3'],
      ]),
      published: new Map([[5001, 5000]]),
    },
  ]);
});

test('whatever an engine prints, nothing breaks', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(Array.isArray(parseNetworks(text))).toBe(true);
      expect(Array.isArray(parseContainers(text))).toBe(true);
    }),
  );
});
