import { expect, test } from 'vitest';
import { readProxySettings } from './proxy-settings.js';

const shown = (url: string, environment: Record<string, string>, loopback = false) =>
  readProxySettings(environment, { loopback })?.proxyFor(new URL(url))?.shown;

test('without a variable there is no proxy', () => {
  expect(readProxySettings({})).toBeUndefined();
  expect(readProxySettings({ HTTP_PROXY: '', https_proxy: ' ', NO_PROXY: '*' })).toBeUndefined();
});

test('each scheme has its own variable, in upper or lower case', () => {
  const upper = { HTTPS_PROXY: 'http://a.example:3128', HTTP_PROXY: 'b.example:8080' };
  expect(shown('https://quay.io/', upper)).toBe('http://a.example:3128');
  expect(shown('http://quay.io/', upper)).toBe('http://b.example:8080');
  const lower = { https_proxy: 'https://c.example' };
  expect(shown('https://quay.io/', lower)).toBe('https://c.example');
  expect(shown('http://quay.io/', lower)).toBeUndefined();
  expect(shown('https://quay.io/', { ...upper, ...lower })).toBe('http://a.example:3128');
});

test('user and password of a proxy become a header and stay out of its name', () => {
  const settings = readProxySettings({ HTTPS_PROXY: 'http://me:p%40ss%3Aword@proxy.example:3128' });
  const proxy = settings?.proxyFor(new URL('https://quay.io/'));
  expect(proxy).toMatchObject({
    protocol: 'http:',
    hostname: 'proxy.example',
    port: 3128,
    shown: 'http://proxy.example:3128',
    authorization: `Basic ${Buffer.from('me:p@ss:word').toString('base64')}`,
  });
  expect(settings?.secrets).toContain('p@ss:word');
  expect(JSON.stringify(proxy)).not.toContain('p@ss');
});

test.each([
  'socks5://me:s3cret@proxy.example:1080',
  'http://me:s3cret%@proxy.example',
  'http://me:s3cret@:80',
])('a proxy that cannot be used is refused without its value: %s', (value) => {
  let error: unknown;
  try {
    readProxySettings({ https_proxy: value });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { variable: 'https_proxy' } });
  expect(JSON.stringify([(error as Error).message, error])).not.toContain('s3cret');
});

test.each(['http://localhost:5000/', 'http://x.localhost/', 'http://127.0.0.2/', 'http://[::1]:5000/'])(
  '%s is this machine: no proxy is asked by default',
  (url) => {
    const environment = { HTTP_PROXY: 'http://p.example' };
    expect(shown(url, environment)).toBeUndefined();
    expect(shown(url, environment, true)).toBe('http://p.example');
  },
);

test.each([
  ['*', 'https://quay.io/', true],
  ['quay.io', 'https://quay.io/', true],
  ['QUAY.io', 'https://quay.io/', true],
  ['quay.io', 'https://cdn.quay.io/', true],
  ['quay.io', 'https://notquay.io/', false],
  ['.quay.io', 'https://quay.io/', false],
  ['.quay.io', 'https://cdn.quay.io/', true],
  ['*.quay.io', 'https://cdn.quay.io/', true],
  ['*.quay.io', 'https://quay.io/', false],
  ['a.example, quay.io', 'https://quay.io/', true],
  ['a.example quay.io', 'https://quay.io/', true],
  ['quay.io:443', 'https://quay.io/', true],
  ['quay.io:8443', 'https://quay.io/', false],
  ['quay.io:8443', 'https://quay.io:8443/', true],
  ['quay.io:80', 'http://quay.io/', true],
  ['10.0.0.0/8', 'https://10.1.2.3/', true],
  ['10.0.0.0/8', 'https://11.1.2.3/', false],
  ['10.1.2.3', 'https://10.1.2.3:5000/', true],
  ['10.1.2.3:80', 'https://10.1.2.3/', false],
  ['fd00::/8', 'https://[fd00::1]/', true],
  ['fd00::1', 'https://[fd00::1]/', true],
  ['[fd00::1]:443', 'https://[fd00::1]/', true],
  ['10.0.0.0/8', 'https://host-10.example/', false],
  ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ['', 'https://quay.io/', false],
  [', ,', 'https://quay.io/', false],
  ['q*y.io', 'https://quay.io/', false],
  ['quay.io', 'https://quay.io./', true],
])('NO_PROXY=%s and %s: direct is %s', (list, url, direct) => {
  const environment = { HTTPS_PROXY: 'http://p.example', HTTP_PROXY: 'http://p.example', NO_PROXY: list };
  expect(shown(url, environment)).toBe(direct ? undefined : 'http://p.example');
});
