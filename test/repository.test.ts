import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
/** What git ignores, beside git itself. */
const ignored = /^(?:\.git|node_modules|dist|coverage|site|\.bundles|\.dist-.*)$/;

function* filesBelow(directory: string): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (ignored.test(entry.name) || entry.name.endsWith('.tgz')) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

const files = [...filesBelow(root)].map((path) => ({
  name: relative(root, path).replaceAll('\\', '/'),
  bytes: readFileSync(path),
}));

/** Parts of real secrets; each is longer than what documents and tests show as an example. */
const secrets = {
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+(?:[A-Za-z0-9+/=]{40,}\s+){2}/,
  'a token of npm': /\bnpm_[A-Za-z0-9]{36}\b/,
  'a token of GitHub': /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})/,
  'a token of GitLab': /\bglpat-[A-Za-z0-9_-]{20}\b/,
  'a key of AWS': /\bAKIA[0-9A-Z]{16}\b/,
  'a token of Slack': /\bxox[abprs]-[A-Za-z0-9-]{20}/,
  'a signed token': /\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,}/,
  'a password in an address': /https?:\/\/[\w.-]+:(?=\w*\d)(?=\w*[A-Z])\w{16,}@/,
} as const;

test('no file holds a secret', () => {
  const found = files.flatMap(({ name, bytes }) => {
    const text = bytes.toString('latin1');
    return Object.entries(secrets)
      .filter(([, pattern]) => pattern.test(text))
      .map(([kind]) => `${name}: ${kind}`);
  });
  expect(found).toEqual([]);
});

test('the search for secrets finds each kind', () => {
  const letters = 'Ab1'.repeat(30);
  const samples = {
    'a private key': `-----BEGIN EC PRIVATE KEY${'-'.repeat(5)}\n${`${letters.slice(0, 64)}\n`.repeat(3)}`,
    'a token of npm': `npm_${letters.slice(0, 36)}`,
    'a token of GitHub': `ghp_${letters.slice(0, 36)}`,
    'a token of GitLab': `glpat-${letters.slice(0, 20)}`,
    'a key of AWS': `AKIA${'A1'.repeat(8)}`,
    'a token of Slack': `xoxb-${letters.slice(0, 24)}`,
    'a signed token': `eyJ${letters}.eyJ${letters}.${letters}`,
    'a password in an address': `https://robot:${letters.slice(0, 16)}@host`,
  };
  for (const [kind, pattern] of Object.entries(secrets))
    expect(samples[kind as keyof typeof samples], kind).toMatch(pattern);
});

test('no file is a program or an archive, and what is not text is a picture of at most 400 kB', () => {
  const magic = [
    /^\x7fELF/,
    /^MZ/,
    /^\xca\xfe\xba\xbe/,
    /^\xfe\xed\xfa/,
    /^\0asm/,
    /^PK\x03\x04/,
    /^!<arch>/,
  ];
  for (const { name, bytes } of files) {
    const start = bytes.subarray(0, 8).toString('latin1');
    expect(
      magic.some((pattern) => pattern.test(start)),
      name,
    ).toBe(false);
    if (!bytes.includes(0)) continue;
    expect(name).toMatch(/\.(?:png|webp|tar)$/);
    expect(statSync(join(root, name)).size, name).toBeLessThan(400_000);
  }
});
