import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  type BenchFigures,
  benchDocuments,
  describeBench,
  drawBench,
  withFigures,
} from '../scripts/pictures/bench-svg.js';
import { drawTerminal, textOfTerminal, withoutColours } from '../scripts/pictures/terminal-svg.js';
import { drawVerdicts, verdictBranches } from '../scripts/pictures/verdicts-svg.js';
import {
  type Action,
  decide,
  onDifferentChoices,
  type Policy,
  type Situation,
} from '../src/publish/policy.js';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const figures = JSON.parse(read('docs/pictures/bench.json')) as BenchFigures;

test('the plot of the benchmark shows the committed figures', () => {
  expect(read('docs/pictures/bench.svg')).toBe(drawBench(figures));
  expect(figures.distances.map(({ roundTripMs }) => roundTripMs)).toEqual([0, 50]);
});

test.each(benchDocuments)(
  '%s compares what the benchmark measured: npm run pictures -- bench',
  (document) => {
    const text = read(document);
    expect(withFigures(text, figures)).toBe(text);
    const plain = text.replace(/\s+/g, ' ');
    for (const { skopeo, warm, tkn, cold } of figures.distances) {
      const [once, first] = [Math.round(skopeo / warm), Math.round(tkn / cold)];
      expect(plain).toMatch(new RegExp(`is ${once} times faster than .{1,40} and ${first} times faster`));
    }
    expect(text).toContain(`alt="${describeBench(figures)}"`);
  },
);

test('drawBench() places every figure between its powers of ten, the slower the further right', () => {
  for (const factor of [0.01, 1, 100]) {
    const scaled: BenchFigures = {
      ...figures,
      nodeSeconds: figures.nodeSeconds * factor,
      distances: figures.distances.map((distance) => ({
        ...distance,
        cold: distance.cold * factor,
        warm: distance.warm * factor,
        curl: distance.curl * factor,
        skopeo: distance.skopeo * factor,
        tkn: distance.tkn * factor,
      })),
    };
    const svg = drawBench(scaled);
    const grid = [...svg.matchAll(/class="grid" x1="([\d.]+)"/g)].map((match) => Number(match[1]));
    const dots = [...svg.matchAll(/<circle class="\w+" cx="([\d.]+)"/g)].map((match) => Number(match[1]));
    const seconds = scaled.distances.flatMap(({ warm, skopeo, curl, cold, tkn }) => [
      warm,
      skopeo,
      curl + scaled.nodeSeconds,
      cold,
      tkn,
    ]);
    expect(dots).toHaveLength(10);
    for (const x of dots) {
      expect(x).toBeGreaterThanOrEqual(Math.min(...grid));
      expect(x).toBeLessThanOrEqual(Math.max(...grid));
    }
    const byPlace = dots.map((x, index) => ({ x, seconds: seconds[index]! })).sort((a, b) => a.x - b.x);
    expect(byPlace.map(({ seconds }) => seconds)).toEqual(seconds.toSorted((a, b) => a - b));
  }
});

test('describeBench() has every figure in words', () => {
  const words = describeBench(figures);
  for (const { warm, cold, skopeo, tkn } of figures.distances)
    for (const seconds of [warm, cold, skopeo, tkn])
      expect(words).toContain(` ${seconds.toFixed(seconds < 10 ? 2 : 1)} s`);
});

test('drawTerminal() keeps the text, its columns and its colours', () => {
  const text =
    '\x1b[32m✓\x1b[39m \x1b[1ma & b\x1b[22m   \x1b[2m<c>\x1b[22m\r\n\r\n  \x1b[31mfailed\x1b[39m\r\n';
  const svg = drawTerminal({ title: 'one & two', text });
  expect(textOfTerminal(svg)).toBe(withoutColours(text));
  expect(textOfTerminal(svg)).toBe('✓ a & b   <c>\n\n  failed\n');
  expect(svg).toContain('<title id="title">one &amp; two</title>');
  expect(svg).toMatch(/fill="#56d364"[^>]*>✓</);
  expect(svg).toMatch(/font-weight="bold"[^>]*>a &amp; b</);
  expect(svg).toMatch(/fill="#ff7b72"[^>]*>failed</);
  expect(() => drawTerminal({ title: 'x', text: '\x1b[95mviolet\x1b[39m' })).toThrow('95');
});

test('the picture of the verdicts is drawn from the rows, and they are what decide() does', () => {
  const svg = read('docs/pictures/verdicts.svg');
  expect(svg).toBe(drawVerdicts());
  const anonymous = { challenged: true, credential: undefined };
  const known = { challenged: true, credential: 'config.json' };
  const act = (changes: Partial<Situation>, policy: Partial<Policy> = {}): string => {
    const situation = { reason: null, access: known, named: true, askedToPush: false, pushIncomplete: false };
    const usual = { publish: true, onDifferent: 'fail', fallback: true } as const;
    return outcomes[decide({ verdict: 'present', ...situation, ...changes }, { ...usual, ...policy }).do];
  };
  const outcomes: Readonly<Record<Action['do'], string>> = {
    reuse: 'reused',
    'reuse-remote': 'reused',
    publish: 'published',
    'ask-to-push': 'asked again',
    fallback: 'fallback',
    fail: 'failed',
  };
  const ways = Object.fromEntries(
    verdictBranches.map(({ verdict, ways }) => [verdict, ways.map(({ outcome }) => outcome)]),
  );
  expect(ways).toEqual({
    present: [act({ verdict: 'present' })],
    equivalent: [act({ verdict: 'equivalent' })],
    different: onDifferentChoices.map((onDifferent) => act({ verdict: 'different' }, { onDifferent })),
    absent: [act({ verdict: 'absent' }), act({ verdict: 'absent', access: anonymous })],
    denied: [
      act({ verdict: 'denied', access: anonymous }),
      act({ verdict: 'absent', askedToPush: true }),
      act({ verdict: 'denied', askedToPush: true }),
    ],
    unreachable: [act({ verdict: 'unreachable' })],
  });
  expect(act({ verdict: 'denied' })).toBe('asked again');
  const [, , different] = verdictBranches;
  expect(different?.ways.map(({ when }) => when?.split(' ')[0])).toEqual(onDifferentChoices);
});
