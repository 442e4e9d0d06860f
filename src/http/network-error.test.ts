import { expect, test } from 'vitest';
import { isNetworkError, toNetworkError } from './network-error.js';

const failed = (code: string | undefined) =>
  toNetworkError(Object.assign(new Error('x'), code === undefined ? {} : { code }), {
    method: 'GET',
    url: 'https://u:s3cret@h.example/a?s3cret',
  });

test.each([
  ['ENOTFOUND', 'dns', false],
  ['EAI_AGAIN', 'dns', true],
  ['ECONNREFUSED', 'refused', true],
  ['ECONNRESET', 'reset', true],
  ['EPIPE', 'reset', true],
  ['ETIMEDOUT', 'timeout', true],
  ['ENETUNREACH', 'unreachable-host', true],
  ['EHOSTUNREACH', 'unreachable-host', true],
  ['CERT_HAS_EXPIRED', 'tls-expired', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-wrong-host', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls-unknown-ca', false],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls-unknown-ca', false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls-unknown-ca', false],
  ['EPROTO', 'tls', false],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', false],
  ['ERR_PROXY', 'proxy', false],
  ['HPE_INVALID_CONSTANT', 'protocol', false],
  [undefined, 'protocol', false],
])('%s is %s', (code, reason, retryable) => {
  const error = failed(code);
  expect([error.reason, error.retryable, error.errno, error.code]).toEqual([
    reason,
    retryable,
    code,
    'REGISTRY_UNREACHABLE',
  ]);
  expect(error.url).toBe('https://h.example/a');
  expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain('s3cret');
  expect(isNetworkError(error)).toBe(true);
  expect(error.cause).toMatchObject({ message: 'x' });
});

test('of several addresses tried the first error counts', () => {
  const inner = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  const error = toNetworkError(new AggregateError([inner]), { method: 'GET', url: 'https://h.example/' });
  expect(error.reason).toBe('refused');
});
