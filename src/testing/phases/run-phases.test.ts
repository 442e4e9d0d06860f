import { setTimeout as wait } from 'node:timers/promises';
import { expect, expectTypeOf, test } from 'vitest';
import { createJumpingClock } from '../../../test/support/clocks/jumping-clock.js';
import { BundlesError, isBundlesError } from '../../errors.js';
import { formatPhases } from './format-phases.js';
import { type Phase, phase } from './phase.js';
import type { PhaseTrace } from './phase-trace.js';
import { runPhases } from './run-phases.js';

/** A phase that notes in `log` when it begins, ends and is undone. */
function noting(log: string[], name: string, after: Record<string, Phase> = {}): Phase<string> {
  return phase(name, {
    after,
    run: async () => {
      log.push(`${name} begins`);
      await wait(1);
      log.push(`${name} ends`);
      return name;
    },
    undo: async (value) => void log.push(`${value} undone`),
  });
}

function failing(name: string, error: Error, after: Record<string, Phase> = {}): Phase<never> {
  return phase(name, { after, run: () => Promise.reject(error) });
}

async function failureOf(promise: Promise<unknown>): Promise<{ error: BundlesError; trace: PhaseTrace }> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BundlesError)) throw error ?? new Error('it did not fail');
  return { error, trace: error.details.trace as PhaseTrace };
}

test('phases run after those they need, beside the others, and are undone last first', async () => {
  const log: string[] = [];
  const cluster = noting(log, 'cluster');
  const tekton = noting(log, 'tekton', { cluster });
  const database = noting(log, 'database', { cluster });
  const deploy = noting(log, 'deploy', { tekton, database });
  const run = await runPhases([deploy]);
  expect(log.indexOf('cluster ends')).toBeLessThan(log.indexOf('tekton begins'));
  expect(log.indexOf('database begins')).toBeLessThan(log.indexOf('tekton ends'));
  expect(log.indexOf('tekton ends')).toBeLessThan(log.indexOf('deploy begins'));
  expect(run.valueOf(deploy)).toBe('deploy');
  log.length = 0;
  await run.stop();
  expect([log[0], log.at(-1)]).toEqual(['deploy undone', 'cluster undone']);
  expect(log).toHaveLength(4);
  await run.stop();
  expect(log).toHaveLength(4);
});

test('values of earlier phases are handed on with their types', async () => {
  const port = phase('port', { run: async () => 5055 });
  const url = phase('url', {
    after: { port },
    run: async (values) => {
      expectTypeOf(values.port).toEqualTypeOf<number>();
      return `http://127.0.0.1:${values.port}`;
    },
  });
  await using run = await runPhases([port, url]);
  expectTypeOf(run.valueOf(url)).toEqualTypeOf<string>();
  expect(run.valueOf(url)).toBe('http://127.0.0.1:5055');
  expect(() => run.valueOf(phase('other', { run: async () => 1 }))).toThrow(RangeError);
});

test('as many phases of a class run at once as its limit allows', async () => {
  let running = 0;
  let most = 0;
  const builds = Array.from({ length: 6 }, (_, index) =>
    phase(`build ${index}`, {
      resource: 'build',
      run: async () => {
        most = Math.max(most, ++running);
        await wait(5);
        running--;
      },
    }),
  );
  await runPhases(builds, { limits: { build: 2 } });
  expect(most).toBe(2);
  most = 0;
  await runPhases(builds);
  expect(most).toBe(1);
});

test('the first failure gives the others up, undoes what was done, and is reported with its trace', async () => {
  const log: string[] = [];
  const cluster = noting(log, 'cluster');
  const slow = phase('slow', {
    after: { cluster },
    run: (_values, { signal }) => wait(60_000, undefined, { signal }),
  });
  const cause = new Error('no space left');
  const broken = failing('image', cause, { cluster });
  const late = noting(log, 'late', { slow, broken });
  const { error, trace } = await failureOf(runPhases([late]));
  expect([error.code, error.cause]).toEqual(['PHASE_FAILED', cause]);
  expect(error.message).toContain('"image" failed: no space left');
  expect(trace.complete).toBe(false);
  expect(Object.fromEntries(trace.phases.map(({ name, state }) => [name, state]))).toEqual({
    cluster: 'done',
    slow: 'cancelled',
    image: 'failed',
    late: 'skipped',
  });
  expect(log).toEqual(['cluster begins', 'cluster ends', 'cluster undone']);
});

test('an abort undoes what was done and rejects with its own reason', async () => {
  const log: string[] = [];
  const controller = new AbortController();
  const cluster = noting(log, 'cluster');
  const stuck = phase('stuck', {
    after: { cluster },
    run: async () => {
      controller.abort(new BundlesError('INTERRUPTED', 'enough'));
      await new Promise(() => undefined);
    },
  });
  await expect(runPhases([stuck], { signal: controller.signal })).rejects.toSatisfy((error) =>
    isBundlesError(error, 'INTERRUPTED'),
  );
  expect(log).toContain('cluster undone');
});

test('transient failures are repeated where the phase allows it, others are not', async () => {
  const clock = createJumpingClock();
  const flaky = (retry: 'never' | 'transient' | 'always', error: Error, failures: number) => {
    let attempts = 0;
    return phase('flaky', {
      retry,
      run: async () => {
        if (attempts++ < failures) throw error;
        return attempts;
      },
    });
  };
  const reset = Object.assign(new Error('broke'), { code: 'ECONNRESET' });
  const wrapped = new Error('fetch failed', { cause: reset });
  const final = Object.assign(new Error('refused for good'), { code: 'ECONNRESET', retryable: false });
  for (const error of [reset, wrapped]) {
    const lucky = flaky('transient', error, 2);
    expect((await runPhases([lucky], { clock })).valueOf(lucky)).toBe(3);
  }
  expect(clock.waits.filter((ms) => ms <= 3000)).toEqual([1000, 3000, 1000, 3000]);
  const attemptsOf = async (given: Phase) =>
    (await failureOf(runPhases([given], { clock }))).trace.phases[0]!.attempts.length;
  expect(await attemptsOf(flaky('never', reset, 1))).toBe(1);
  expect(await attemptsOf(flaky('transient', new Error('a defect'), 1))).toBe(1);
  expect(await attemptsOf(flaky('transient', final, 1))).toBe(1);
  expect(await attemptsOf(flaky('always', new Error('a defect'), 9))).toBe(3);
});

test('a phase that does not listen is given up in time, and what it still brings is undone', async () => {
  const clock = createJumpingClock();
  const undone: string[] = [];
  let finish: (value: string) => void = () => undefined;
  const deaf = phase('deaf', {
    timeoutMs: 5000,
    run: () =>
      new Promise<string>((resolve) => {
        finish = resolve;
      }),
    undo: async (value) => void undone.push(value),
  });
  const { error } = await failureOf(runPhases([deaf], { clock }));
  expect(error.message).toContain('No answer within 5000 ms');
  finish('late');
  await wait(1);
  expect(undone).toEqual(['late']);
});

test('what cannot be undone is named, and the rest is undone all the same', async () => {
  const log: string[] = [];
  const first = noting(log, 'first');
  const stuck = phase('stuck', {
    after: { first },
    run: async () => 1,
    undo: () => Promise.reject(new Error('busy')),
  });
  const run = await runPhases([stuck]);
  const { error } = await failureOf(run.stop());
  expect([error.code, error.message]).toEqual(['PHASE_FAILED', expect.stringContaining('stuck (busy)')]);
  expect(log).toContain('first undone');
});

test('two phases of one name are refused before anything runs', async () => {
  const log: string[] = [];
  const { error } = await failureOf(runPhases([noting(log, 'same'), noting(log, 'same')]));
  expect([error.code, log]).toEqual(['USAGE', []]);
});

test('a circle is refused', async () => {
  const after: Record<string, Phase> = {};
  const first = phase('first', { after, run: async () => 1 });
  after.self = first;
  expect((await failureOf(runPhases([first]))).error.code).toBe('USAGE');
});

test('the report shows each phase with its time, its wait, its attempts and its place in the whole', async () => {
  const clock = createJumpingClock();
  const build = (name: string, ms: number) =>
    phase(name, { resource: 'build', run: () => clock.sleep(ms), undo: async () => undefined });
  let attempts = 0;
  const flaky = phase('flaky', {
    retry: 'always',
    run: async () => {
      if (attempts++ === 0) throw new Error('once');
    },
  });
  const run = await runPhases([build('one', 8000), build('two', 8000), flaky], { clock });
  expect(formatPhases(run.trace())).toBe(
    [
      'done      one   │████████████████                │ 8.0 s',
      'done      two   │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒████████████████│ 8.0 s, waited 8.0 s',
      'done      flaky │██                              │ 1.0 s, 2 attempts',
      '          once',
      'up after 16.0 s',
      '',
    ].join('\n'),
  );
  const trace = await run.stop();
  expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
  expect(trace.phases[1]).toEqual({
    name: 'two',
    after: [],
    resource: 'build',
    state: 'done',
    readyMs: 0,
    startedMs: 8000,
    endedMs: 16_000,
    attempts: [{ durationMs: 8000, error: null }],
    undone: { durationMs: 0, error: null },
  });
});
