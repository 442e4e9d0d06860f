import type { Clock } from '../../async/clock.js';
import { createLimiter, type Limiter } from '../../async/limiter.js';
import { systemClock } from '../../async/system-clock.js';
import { BundlesError } from '../../errors.js';
import { attemptPhase, shortError, within } from './attempt.js';
import type { Phase, PhaseResource } from './phase.js';
import type { PhaseAttempt, PhaseRecord, PhaseTrace } from './phase-trace.js';

/** How many phases run at once, and where their events go. */
export interface RunPhasesOptions {
  /** How many phases of a class run at once. Default: 1 build, 8 of the network, 2 of the cluster. */
  readonly limits?: Partial<Record<Exclude<PhaseResource, 'none'>, number>>;
  readonly clock?: Clock;
  /** Gives the run up; what was done is undone. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PhaseEvent) => void;
}

/** What happens to a phase while phases run. */
export interface PhaseEvent {
  readonly type: 'started' | 'repeated' | 'done' | 'failed' | 'undone';
  readonly phase: string;
  readonly durationMs: number;
}

/** An environment that is up; `await using` or `stop()` takes it down, last things first. */
export interface PhaseRun extends AsyncDisposable {
  /** What a phase of this run returned. */
  valueOf<Value>(phase: Phase<Value>): Value;
  trace(): PhaseTrace;
  /** Undoes every phase, also when one fails to. @throws PHASE_FAILED naming those */
  stop(): Promise<PhaseTrace>;
}

const usualLimits = { build: 1, network: 8, cluster: 2, none: Number.POSITIVE_INFINITY };

/**
 * Runs phases, each as soon as those before it are done and its resource is free. The first failure cancels the others, undoes what was done
 * in reverse order, and is thrown.
 *
 * @throws PHASE_FAILED with the trace in `details` and the phase's own failure as cause; USAGE for a list that cannot be run; the signal's
 *   reason
 * @example
 * ```ts
 * import { phase, runPhases } from 'tekton-bundles/testing';
 *
 * const cluster = phase('cluster', {
 *   run: async () => 'kind-test',
 *   undo: async (name) => console.log('deleted', name),
 * });
 * const environment = await runPhases([cluster]);
 * console.log(environment.trace().complete); // true
 * await environment.stop();
 * // deleted kind-test
 * ```
 */
export async function runPhases(given: readonly Phase[], options: RunPhasesOptions = {}): Promise<PhaseRun> {
  const { clock = systemClock, signal, limits = {}, onEvent = () => undefined } = options;
  signal?.throwIfAborted();
  const phases = orderPhases(given);
  const run = createRun(phases, { clock, onEvent, limiters: createLimiters({ ...usualLimits, ...limits }) });
  const giveUp = new AbortController();
  const abort = () => giveUp.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const tasks = new Map<Phase, Promise<void>>();
  for (const phase of phases) {
    const before = Object.values(phase.after).map((needed) => tasks.get(needed));
    tasks.set(
      phase,
      Promise.all(before).then(() => run.perform(phase, giveUp.signal)),
    );
  }
  for (const task of tasks.values()) task.catch((error) => giveUp.abort(error));
  const ends = await Promise.allSettled(tasks.values());
  signal?.removeEventListener('abort', abort);
  run.end();
  if (ends.every(({ status }) => status === 'fulfilled')) return run;
  await run.undoAll();
  signal?.throwIfAborted();
  throw failureOf(run.trace(), giveUp.signal.reason);
}

function createLimiters(limits: Readonly<Record<PhaseResource, number>>): Record<PhaseResource, Limiter> {
  const { build, network, cluster, none } = limits;
  return {
    build: createLimiter(build),
    network: createLimiter(network),
    cluster: createLimiter(cluster),
    none: createLimiter(none),
  };
}

interface RunParts {
  readonly clock: Clock;
  readonly onEvent: (event: PhaseEvent) => void;
  readonly limiters: Readonly<Record<PhaseResource, Limiter>>;
}

interface OpenRun extends PhaseRun {
  perform(phase: Phase, signal: AbortSignal): Promise<void>;
  end(): void;
  /** Never rejects; the trace records what could not be undone. */
  undoAll(): Promise<void>;
}

type Draft = { -readonly [Key in keyof PhaseRecord]: PhaseRecord[Key] } & { attempts: PhaseAttempt[] };

function createRun(phases: readonly Phase[], { clock, onEvent, limiters }: RunParts): OpenRun {
  const started = clock.now();
  let ended: number | undefined;
  const since = () => clock.now() - started;
  const records = new Map(phases.map((phase) => [phase, emptyRecord(phase)]));
  const recordOf = (phase: Phase) => records.get(phase) ?? emptyRecord(phase);
  /** In the order in which they were set up. */
  const values = new Map<Phase, unknown>();

  const undo = async (phase: Phase, value: unknown): Promise<void> => {
    if (!phase.undo) return;
    const begun = clock.now();
    let error: PhaseAttempt['error'] = null;
    try {
      await within(async (call) => phase.undo?.(value, call), { clock, timeoutMs: phase.timeoutMs });
    } catch (failure) {
      error = shortError(failure);
    }
    const durationMs = clock.now() - begun;
    recordOf(phase).undone = { durationMs, error };
    onEvent({ type: error ? 'failed' : 'undone', phase: phase.name, durationMs });
  };

  const run: OpenRun = {
    async perform(phase, signal) {
      const record = recordOf(phase);
      record.readyMs = since();
      await limiters[phase.resource].run(async () => {
        record.startedMs = since();
        onEvent({ type: 'started', phase: phase.name, durationMs: 0 });
        const given = Object.entries(phase.after).map(([name, before]) => [name, values.get(before)]);
        try {
          const value = await attemptPhase(phase, Object.fromEntries(given), {
            clock,
            signal,
            onAttempt: (attempt) => {
              if (record.attempts.push(attempt) > 1)
                onEvent({ type: 'repeated', phase: phase.name, durationMs: attempt.durationMs });
            },
            onLate: (late) => void undo(phase, late),
          });
          values.set(phase, value);
          record.state = 'done';
        } catch (error) {
          record.state = signal.aborted ? 'cancelled' : 'failed';
          throw error;
        } finally {
          record.endedMs = since();
          const durationMs = record.endedMs - record.startedMs;
          onEvent({ type: record.state === 'done' ? 'done' : 'failed', phase: phase.name, durationMs });
        }
      }, signal);
    },
    end: () => {
      ended = since();
    },
    async undoAll() {
      for (const [phase, value] of [...values].reverse()) {
        values.delete(phase);
        await undo(phase, value);
      }
    },
    valueOf<Value>(phase: Phase<Value>): Value {
      if (!values.has(phase))
        throw new RangeError(`The phase ${JSON.stringify(phase.name)} has no value at this point`);
      return values.get(phase) as Value;
    },
    trace: () => ({
      version: 1,
      startedAt: new Date(started).toISOString(),
      durationMs: ended ?? since(),
      complete: phases.every((phase) => recordOf(phase).state === 'done'),
      phases: phases.map((phase) => structuredClone(recordOf(phase))),
    }),
    async stop() {
      await run.undoAll();
      const trace = run.trace();
      const stuck = trace.phases.filter(({ undone }) => undone?.error);
      if (stuck.length === 0) return trace;
      const names = stuck.map(({ name, undone }) => `${name} (${undone?.error?.message})`).join(', ');
      throw new BundlesError('PHASE_FAILED', `Cannot undo every phase: something remains from ${names}`, {
        hint: 'Remove by hand what these phases set up',
        details: { trace },
      });
    },
    [Symbol.asyncDispose]: async () => void (await run.stop()),
  };
  return run;
}

function emptyRecord({ name, after, resource }: Phase): Draft {
  const names = Object.values(after).map((before) => before.name);
  const times = { readyMs: null, startedMs: null, endedMs: null };
  return { name, after: names, resource, state: 'skipped', ...times, attempts: [], undone: null };
}

function failureOf(trace: PhaseTrace, cause: unknown): BundlesError {
  const failed = trace.phases.find(({ state }) => state === 'failed');
  const because = failed?.attempts.at(-1)?.error?.message ?? shortError(cause).message;
  return new BundlesError('PHASE_FAILED', `The phase ${JSON.stringify(failed?.name)} failed: ${because}`, {
    hint: 'details.trace lists what ran before it and what was undone',
    details: { trace },
    cause,
  });
}

/**
 * All phases of a run, also those that are only named in an `after`, each behind those it needs.
 * @throws USAGE for two phases of one name and for a circle
 */
function orderPhases(given: readonly Phase[]): Phase[] {
  const ordered: Phase[] = [];
  const under = new Set<Phase>();
  const add = (phase: Phase): void => {
    if (ordered.includes(phase)) return;
    if (under.has(phase)) throw misuse(`the phase ${JSON.stringify(phase.name)} comes after itself`);
    under.add(phase);
    for (const before of Object.values(phase.after)) add(before);
    under.delete(phase);
    ordered.push(phase);
  };
  for (const phase of given) add(phase);
  const names = ordered.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw misuse(`two phases are named ${JSON.stringify(twice)}`);
  return ordered;
}

function misuse(problem: string): BundlesError {
  return new BundlesError('USAGE', `Cannot run the phases: ${problem}`, {
    hint: 'Give each phase a name of its own, and let it depend on earlier ones only',
  });
}
