import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numRuns, patient } from '../../test/support/random/property-runs.js';
import { createRedactor } from './redactor.js';

function redactorOf(secrets: readonly string[], kept: readonly string[] = []) {
  const redactor = createRedactor();
  redactor.hide(() => secrets);
  redactor.keep(kept);
  return redactor;
}

const password = 'pa ss/w"ord+1';
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  [`as it is: ${password}.`],
  [`in JSON: ${JSON.stringify({ password })}`],
  [`in a URL: ${encodeURIComponent(password)} ${encodeURIComponent(password).toLowerCase()}`],
  [`in a form: ${new URLSearchParams({ p: password })}`],
  [`alone: ${base64(password)} ${Buffer.from(password).toString('base64url')}`],
  [`of a user: ${base64(`a:${password}`)} ${base64(`ab:${password}`)} ${base64(`abc:${password}`)}`],
  [`within: ${base64(`{"u":"a","p":"x${password}y"}`)}`],
  [`cut off: pa ss/w… and …/w"ord+1 and ${base64(password).slice(0, 9)}…`],
])('a password is replaced %s', (text) => {
  const safe = redactorOf([password]).redact(text);
  expect(safe).toContain('***');
  const parts = ['pa ss/', 'w"ord', 'w\\"ord', encodeURIComponent(password), base64(password).slice(0, 8)];
  for (const part of [...parts, base64(`ab:${password}`).slice(6, 14)]) expect(safe).not.toContain(part);
});

test.each([
  ['Authorization: Basic beef', 'Authorization: Basic ***'],
  ['authorization: Bearer beef, more', 'authorization: Bearer ***, more'],
  ['https://robot:beef@quay.io/v2/', 'https://robot:***@quay.io/v2/'],
  ['you are robot:beef@quay.io', 'you are robot:***@quay.io'],
  ['password=beef&token=beef', 'password=***&token=***'],
  ['{"password": "beef"}', '{"password": "***"}'],
  ['beef and corned beef are not beefburgers', 'beef and corned beef are not beefburgers'],
  ['password: beefier', 'password: beefier'],
  [`sha256:${'beef'.repeat(16)}`, `sha256:${'beef'.repeat(16)}`],
])('a short secret is replaced where it is used as a credential: %j', (text, expected) => {
  expect(redactorOf(['beef']).redact(text)).toBe(expected);
});

test('names and references of our own are never changed, and are not where a secret hides', () => {
  const reference = 'quay.io/acme/hello-world:v1.0.0';
  const { redact } = redactorOf(['hello-world'], ['hello-world-2', reference]);
  expect(redact(`${reference}@sha256:${'0'.repeat(64)}`)).toContain(reference);
  expect(redact('✓ hello-world-2 reused')).toBe('✓ hello-world-2 reused');
  expect(redact('type hello-world/json')).toBe('type ***/json');
  expect(redactorOf(['hello-world'], ['hello-world']).redact('x password=hello-world')).toBe(
    'x password=***',
  );
});

test('a secret of hexadecimal digits changes no digest, and is found beside one', () => {
  const { redact } = redactorOf(['deadbeef01']);
  const digest = `0123deadbeef01${'f'.repeat(50)}`;
  expect(redact(`sha256:${digest} ${digest.slice(0, 12)}`)).toBe(`sha256:${digest} ${digest.slice(0, 12)}`);
  expect(redact('type x-deadbeef01')).toBe('type x-***');
  // Of twelve digits that stand alone the secret may be a part, and not the whole.
  expect(redactorOf(['0123deadbeef']).redact('you sent 0123deadbeef, id deadbeef0123')).toBe(
    'you sent ***, id deadbeef0123',
  );
  // What is as long as a token is not part of a digest by chance.
  expect(redactorOf([digest.slice(0, 40)]).redact(`sha256:${digest}`)).not.toContain('deadbeef');
});

test('a field that is called a password is one, however short', () => {
  const { redact } = redactorOf(['beef']);
  expect([redact('beef', { key: 'password' }), redact('beef', { key: 'name' })]).toEqual(['***', 'beef']);
});

test('what a source gives later counts from then on', () => {
  const secrets: string[] = [];
  const redactor = redactorOf(secrets);
  expect(redactor.redact('a-later-token')).toBe('a-later-token');
  secrets.push('a-later-token');
  expect(redactor.redact('a-later-token')).toBe('***');
});

test(
  'of any secrets in any text nothing is left, and the text around them stays',
  () => {
    const secret = fc.oneof(
      fc.string({ minLength: 8, maxLength: 20 }),
      fc.string({ unit: 'binary', minLength: 8, maxLength: 12 }),
      fc.stringMatching(/^[a-z0-9._-]{8,16}$/),
    );
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.nat(3), (secrets, form) => {
        const usable = secrets.filter((one) => !/[\r\n*]/.test(one) && one.trim() !== '');
        const forms = [
          (one: string) => one,
          (one: string) => encodeURIComponent(one.replace(/\p{Surrogate}/gu, '\ufffd')),
          (one: string) => Buffer.from(one).toString('base64'),
          (one: string) => Buffer.from(`user:${one}`).toString('base64'),
        ] as const;
        const shown = usable.map(forms[form] ?? forms[0]);
        const safe = redactorOf(usable).redact(`<${shown.join('> <')}>`);
        for (const one of form === 3 ? [] : shown) expect(safe).not.toContain(one);
        if (form === 3) for (const one of shown) expect(safe).not.toContain(one.slice(8, -4));
        expect(safe.startsWith('<') && safe.endsWith('>')).toBe(true);
      }),
      { numRuns },
    );
  },
  patient.timeout,
);

test('a thousand tokens of one kind do not make a long text take long', () => {
  const tokens = Array.from({ length: 1_000 }, (_, index) => `eyJhbGciOiJSUzI1NiJ9.token-${index}-of-a-kind`);
  const { redact } = redactorOf(tokens);
  redact('');
  const text = 'eyJ: reused quay.io/acme/hello-world:v1.0.0@sha256 '.repeat(40_000);
  const started = performance.now();
  expect(redact(text)).toBe(text);
  expect(performance.now() - started).toBeLessThan(10_000);
});
