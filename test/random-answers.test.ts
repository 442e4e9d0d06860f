import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { script } from './support/random/random-answers.js';
import {
  createWorld,
  type RandomRun,
  runRandom,
  violations,
  type World,
} from './support/random/random-run.js';

/** How many sequences are tried; CI tries 10,000. */
const numRuns = Number(process.env.PROPERTY_RUNS ?? 200);
/** CI names one, so that a failure there can be repeated. */
const seed = process.env.PROPERTY_SEED === undefined ? undefined : Number(process.env.PROPERTY_SEED);
let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => world?.[Symbol.asyncDispose]());

const run: fc.Arbitrary<RandomRun> = fc.record({
  script,
  guarded: fc.boolean(),
  singlePost: fc.boolean(),
  holds: fc.constantFrom('nothing' as const, 'ours' as const, 'other' as const),
  locked: fc.boolean(),
  fallback: fc.boolean(),
  credential: fc.boolean(),
  push: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  onDifferent: fc.constantFrom('fail' as const, 'reuse' as const, 'fallback' as const),
});

test('ensure holds its promises whatever a registry answers at any step', {
  timeout: 30_000 + numRuns * 200,
}, async () => {
  await fc.assert(
    fc.asyncProperty(run, async (given) => {
      expect(violations(await runRandom(world, given), given, world)).toEqual([]);
    }),
    { numRuns, seed },
  );
});

const plain: RandomRun = {
  script: { acts: [], always: [] },
  guarded: false,
  singlePost: false,
  holds: 'nothing',
  locked: false,
  fallback: true,
  credential: false,
  push: true,
  onDifferent: 'fail',
};

test('the checker finds a promise that is broken', async () => {
  const trace = await runRandom(world, plain);
  const { exchanges, bundle } = trace;
  const found = (changes: Partial<typeof trace>) => violations({ ...trace, ...changes }, plain, world).join();
  expect([bundle.outcome, found({})]).toEqual(['published', '']);
  const upload = exchanges.filter(({ step }) => step === 'PUT upload');
  expect(found({ exchanges: [...exchanges, ...upload] })).toContain('two uploads');
  const unread = exchanges.filter(({ step }) => !/^(?:GET|HEAD) manifest$/.test(step));
  expect(found({ exchanges: unread })).toContain('a PUT that no proven absence precedes');
  expect(found({ exchanges: unread })).toContain('absent without a GET');
  const unsent = exchanges.filter(({ step }) => step !== 'PUT manifest');
  expect(found({ exchanges: unsent })).toContain('published without a PUT');
  expect(found({ bundle: { ...bundle, verdict: 'present' }, exchanges: unread })).toContain(
    'present without',
  );
  expect(found({ json: 's3cret-robot' })).toContain('a secret');
  const slow = exchanges.map((one) => ({ ...one, status: undefined, endedAt: one.sentAt + 200_000 }));
  expect(found({ exchanges: slow, ms: 200_000 })).toContain('never answered');
  expect(found({ exchanges: slow, ms: 1_000 })).toContain('ms of trouble');
});

test('what is sent when an upload is given up counts, too', async () => {
  const acts: RandomRun['script']['acts'] = [
    ...[{ kind: 'pass' } as const, { kind: 'pass' } as const, { kind: 'forge', digest: 'none' } as const],
    ...[{ kind: 'pass' } as const],
    { kind: 'answer', done: false, status: 431, head: 'none', body: 'many' },
  ];
  const given: RandomRun = {
    ...plain,
    script: { acts, always: [] },
    guarded: true,
    fallback: false,
    credential: true,
  };
  expect(violations(await runRandom(world, given), given, world)).toEqual([]);
});
