import { expect } from 'vitest';

/** What differs between two runs of one command: times, digests, ids, and how wide a column is. */
export function comparable(text: string): string {
  return text
    .replace(/\u001b\[[\d;]*m/g, '')
    .replace(/sha256:(?:[0-9a-f]{6,64}(?:…|\.\.\.)?|…)/g, 'sha256:DIGEST')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{64}\b/g, 'DIGEST')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, 'DIGEST')
    .replace(/\b(?!1970)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
    .replace(/\b\d+(?:\.\d+)? m?s\b/g, 'DURATION')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .join('\n')
    .trim();
}

/** Fails where a page shows other output than the command gave. A line `…` of the page represents any number of lines. */
export function expectOutput(actual: string, shown: string, label: string): void {
  const [printed, wanted] = [comparable(actual), comparable(shown)];
  if (!wanted.split('\n').includes('…')) {
    expect(printed, label).toBe(wanted);
    return;
  }
  const lines = wanted
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\\n)*?' : `${escapePattern(line)}\\n`));
  expect(`${printed}\n`, label).toMatch(new RegExp(`^${lines.join('')}$`));
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
