import { expect, test } from 'vitest';
import { redactUrl } from './redact.js';

test.each([
  ['https://user:s3cret@h.example:8443/a/b?X-Amz-Signature=s3cret#s3cret', 'https://h.example:8443/a/b'],
  ['http://[::1]:5000/v2/', 'http://[::1]:5000/v2/'],
  ['mailto:s3cret@h.example', 'mailto:…'],
  ['s3cret', '(not a URL)'],
])('redactUrl(%s) is %s', (url, expected) => {
  expect(redactUrl(url)).toBe(expected);
});
