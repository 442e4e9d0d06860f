import { expect, test } from 'vitest';
import { redactSecrets, redactUrl } from './redact.js';

test.each([
  ['https://user:s3cret@h.example:8443/a/b?X-Amz-Signature=s3cret#s3cret', 'https://h.example:8443/a/b'],
  ['http://[::1]:5000/v2/', 'http://[::1]:5000/v2/'],
  ['mailto:s3cret@h.example', 'mailto:…'],
  ['s3cret', '(not a URL)'],
])('redactUrl(%s) is %s', (url, expected) => {
  expect(redactUrl(url)).toBe(expected);
});

test('every form of every secret is hidden, the longest first', () => {
  const secrets = ['pa ss/word', 'pa ss/word-longer', 'x', '<token>'];
  const text = `pa ss/word-longer pa ss/word ${encodeURIComponent('pa ss/word')} ${Buffer.from('pa ss/word').toString('base64')} x`;
  expect(redactSecrets(text, secrets)).toBe('*** *** *** *** x');
});

test('a secret with half a character in it makes nothing fail', () => {
  expect(redactSecrets('a \ud800abc b', ['\ud800abc'])).toBe('a *** b');
});
