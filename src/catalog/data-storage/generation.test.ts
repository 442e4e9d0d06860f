import { expect, test } from 'vitest';
import { generationHint } from './generation.js';

const post = { method: 'POST', path: '/api/v1/workflows', contentType: 'application/problem+json' };
const get = { method: 'GET', path: '/api/v1/workflows/by-name/a/versions', contentType: 'application/json' };
const entry = (members: object) => ({ versions: [{ workflow_id: 'x', ...members }] });

test.each([
  [{ ...get, status: 401, json: undefined, text: '' }, /27 January 2026.*DATASTORAGE_TOKEN/],
  [
    { ...get, status: 404, json: undefined, text: '404 page not found', contentType: 'text/plain' },
    /July 2026.*kubernetes/,
  ],
  [{ ...post, status: 405, json: undefined, text: '', contentType: 'text/plain' }, /July 2026/],
  [
    {
      ...post,
      path: '/api/v1/workflows/search',
      status: 404,
      json: undefined,
      text: '',
      contentType: 'text/plain',
    },
    /13 February/,
  ],
  [{ ...post, status: 400, json: {}, text: '/labels/environment: Value is not an array' }, /29 January/],
  [{ ...post, status: 400, json: {}, text: 'property "action_type" is missing' }, /14 February/],
  [{ ...post, status: 400, json: {}, text: 'property "schemaImage" is missing' }, /17 February/],
  [{ ...post, status: 400, json: {}, text: 'decode: registeredBy required' }, /March 2026/],
  [
    {
      ...post,
      path: '/api/v1/audit/events/batch',
      status: 400,
      json: {},
      text: 'discriminator property missing',
    },
    /24 January/,
  ],
  [{ ...post, status: 400, json: {}, text: 'did not pass OpenAPI schema validation (2 errors)' }, /13 May/],
  [
    {
      ...post,
      path: '/api/v1/audit/events/batch',
      status: 400,
      json: {},
      text: 'The request did not pass OpenAPI schema validation',
    },
    /13 May 2026, and takes event types of its own/,
  ],
  [{ ...get, status: 200, json: entry({ labels: { environment: ['test'] } }), text: '' }, /29 January/],
  [{ ...get, status: 200, json: entry({ action_type: 'A' }), text: '' }, /14 February/],
  [{ ...get, status: 200, json: entry({ workflowName: 'a' }), text: '' }, /17 February/],
])('%j is another generation', (signs, hint) => {
  expect(generationHint(signs)).toMatch(hint);
});

test.each([
  { ...get, status: 200, json: entry({ labels: { environment: 'test' } }), text: '' },
  { ...get, status: 200, json: { versions: null }, text: '' },
  { ...get, status: 404, json: { type: 'x' }, text: '{}', contentType: 'application/problem+json' },
  { ...post, status: 400, json: {}, text: 'content_hash: minimum string length is 64' },
  { ...post, status: 409, json: {}, text: 'exists' },
  { ...get, status: 502, json: undefined, text: '<html>' },
])('%j is no other generation', (signs) => {
  expect(generationHint(signs)).toBeUndefined();
});
