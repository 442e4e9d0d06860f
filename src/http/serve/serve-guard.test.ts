import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGuard, type GuardedRequest, type GuardOptions } from './serve-guard.js';

const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

function ask(
  headers: GuardedRequest['headers'],
  {
    method = 'GET',
    target = '/v2/',
    localAddress = '127.0.0.1',
    ...options
  }: Partial<Omit<GuardedRequest, 'headers'>> & GuardOptions = {},
): number | undefined {
  const host = '127.0.0.1:5055';
  return createGuard(options)({ method, target, headers: { host, ...headers }, localAddress })?.status;
}

const addresses = Object.values(networkInterfaces()).flatMap((list = []) => list);
const own4 = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test.each([
  'localhost',
  'LocalHost:5055',
  'localhost.:5055',
  'k3d-registry.localhost:5055',
  '127.0.0.1',
  '127.0.0.1:5055',
  '127.1:5055',
  '127.77.0.1:1',
  '[::1]:5055',
  '[0:0:0:0:0:0:0:1]',
  ...(own4 === undefined ? [] : [own4, `${own4}:5055`]),
])('a program may address this machine as %s', (host) => {
  expect(ask({ host })).toBeUndefined();
  expect(ask({ host }, { method: 'DELETE' })).toBeUndefined();
});

test.each([
  'evil.example:5055',
  'evil.example',
  'localhost.evil.example:5055',
  '127.0.0.1.evil.example',
  'evil-localhost',
  'evillocalhost',
  '203.0.113.7:5055',
  '0.0.0.0:5055',
  '[::]:5055',
  '[2001:db8::7]:5055',
  'registry',
  '',
  ' ',
  'localhost:5055, evil.example',
  'evil.example@127.0.0.1',
  '127.0.0.1#.evil.example',
  '127.0.0.1/evil.example',
  '127.0.0.1:port',
  '[::1',
])('the host %j is not served', (host) => {
  expect(ask({ host })).toBe(421);
  expect(ask({ host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).toBe(421);
});

test('the address at which a connection arrived is served, in whatever way the socket writes it', () => {
  expect(ask({ host: '203.0.113.7:1' }, { localAddress: '203.0.113.7' })).toBeUndefined();
  expect(ask({ host: '203.0.113.7:1' }, { localAddress: '::ffff:203.0.113.7' })).toBeUndefined();
  expect(ask({ host: '[2001:db8::7]:1' }, { localAddress: '2001:db8:0:0::7' })).toBeUndefined();
  expect(ask({ host: '[fe80::7]:1' }, { localAddress: 'fe80::7%eth0' })).toBeUndefined();
  expect(ask({ host: 'registry.example' }, { localAddress: '203.0.113.7' })).toBe(421);
});

test('allowed names are served under any port, and nothing but them', () => {
  const allowHosts = ['registry.Default.svc', '203.0.113.7', '2001:db8::7', '[2001:db8::8]'];
  const hosts = [
    'registry.default.svc:5000',
    'REGISTRY.default.svc',
    '203.0.113.7:1',
    '[2001:db8::7]:1',
    '[2001:db8::8]',
  ];
  for (const host of hosts) expect(ask({ host }, { allowHosts }), host).toBeUndefined();
  for (const host of ['svc', 'default.svc', 'x.registry.default.svc', '203.0.113.8'])
    expect(ask({ host }, { allowHosts }), host).toBe(421);
});

test.each(['', '*', '*.example', 'http://x', 'x:5000', 'x/y', '[::1]:5', 'a b', '[', '::g', 'x,y'])(
  '%j cannot be allowed',
  (host) => {
    expect(() => createGuard({ allowHosts: [host] })).toThrow(
      expect.objectContaining({ code: 'USAGE', details: { host } }),
    );
  },
);

test('a whole URL for a target names a host as well, and both have to be served', () => {
  const target = 'http://evil.example/v2/';
  expect(ask({}, { target })).toBe(421);
  expect(ask({ host: 'evil.example' }, { target: 'http://127.0.0.1:5055/v2/' })).toBe(421);
  expect(ask({}, { target: 'http://127.0.0.1:5055/v2/' })).toBeUndefined();
});

test('a request without a host, as HTTP/1.0 allows, is served to programs alone', () => {
  expect(ask({ host: undefined })).toBeUndefined();
  expect(ask({ host: undefined, origin: 'http://evil.example' })).toBe(403);
});

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

test.each([
  [{ origin: 'http://evil.example' }],
  [{ origin: 'null' }],
  [{ origin: '' }],
  [{ origin: 'http://127.0.0.1:5056' }],
  [{ origin: 'http://127.0.0.1' }],
  [{ origin: 'http://localhost:5055' }],
  [{ origin: 'https://127.0.0.1' }],
  [{ origin: 'file://' }],
  [{ origin: 'chrome-extension://abc' }],
  [{ origin: 'http://127.0.0.1:5055, http://evil.example' }],
  [{ origin: 'http://127.0.0.1:5055@evil.example' }],
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ 'sec-fetch-site': 'same-site' }],
  [{ 'sec-fetch-site': 'anything new' }],
  [{ 'sec-fetch-site': '' }],
  [{ origin: 'http://127.0.0.1:5055', 'sec-fetch-site': 'cross-site' }],
  [{ origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }],
  [{ origin: 'http://evil.example', 'sec-fetch-site': 'none' }],
])('a page of another origin is refused whatever its method: %j', (headers) => {
  for (const method of methods) expect(ask(headers, { method }), method).toBe(403);
});

test.each([
  [{}],
  // Node's own fetch sends this one.
  [{ 'sec-fetch-mode': 'cors' }],
  [{ origin: 'http://127.0.0.1:5055' }],
  [{ origin: 'http://127.0.0.1:5055', 'sec-fetch-site': 'same-origin' }],
  [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
])('programs, own pages and what people type are served: %j', (headers) => {
  for (const method of methods) expect(ask(headers, { method }), method).toBeUndefined();
});

test('behind a proxy that ends TLS the origin is of https', () => {
  const allowHosts = ['catalog.example'];
  const headers = { host: 'catalog.example', origin: 'https://catalog.example' };
  expect(ask(headers, { allowHosts, method: 'POST' })).toBeUndefined();
  expect(ask({ ...headers, host: 'catalog.example:443' }, { allowHosts })).toBeUndefined();
  expect(ask({ ...headers, host: 'catalog.example:8443' }, { allowHosts })).toBe(403);
});

test('another site may link to a page, and do nothing else with it', () => {
  const isPage = (path: string) => path === '/audit';
  const target = '/audit?page=2#x';
  expect(ask(link, { isPage, target })).toBeUndefined();
  expect(ask({ ...link, 'sec-fetch-site': 'same-site' }, { isPage, target })).toBeUndefined();
  expect(ask(link, { isPage, target: '/api/v1/workflows' })).toBe(403);
  expect(ask(link, { isPage, target: 'http://127.0.0.1:5055/audit' })).toBe(403);
  expect(ask(link, { target })).toBe(403);
  expect(ask({ ...link, host: 'evil.example' }, { isPage, target })).toBe(421);
  for (const method of methods.slice(1)) expect(ask(link, { isPage, target, method }), method).toBe(403);
  for (const change of [
    { origin: 'http://evil.example' },
    { 'sec-fetch-dest': 'iframe' },
    { 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-dest': undefined },
    { 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-mode': 'cors' },
  ])
    expect(ask({ ...link, ...change }, { isPage, target }), JSON.stringify(change)).toBe(403);
});

test('no other origin passes, whatever the headers hold', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.webUrl(), fc.domain(), fc.constantFrom('http://', 'https://', '//')),
      fc.constantFrom(...methods),
      (origin, method) => {
        fc.pre(!/^https?:\/\/127\.0\.0\.1:5055$/i.test(origin));
        expect(ask({ origin }, { method })).toBe(403);
      },
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.domain(), fc.webAuthority()), (host) => {
      fc.pre(!/^(?:\d|localhost|[^.]*\.localhost)/i.test(host));
      expect(ask({ host })).toBe(421);
    }),
  );
});
