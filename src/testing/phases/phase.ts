/** What a phase needs much of; `limits` of the run decides how many of a class run at once. */
export type PhaseResource = 'build' | 'network' | 'cluster' | 'none';

/** What is tried again: nothing, failures that may pass by themselves, or everything. */
export type PhaseRetry = 'never' | 'transient' | 'always';

/** What a phase gets beside its values. */
export interface PhaseCall {
  /** Aborted when the run is given up, another phase failed, or the phase takes too long. */
  readonly signal: AbortSignal;
}

/** One named step of setting up an environment; made by `phase`. */
export interface Phase<Value = unknown> {
  /** Unique in a run. */
  readonly name: string;
  /** Phases that have to be done before, by the names under which their values are handed on. */
  readonly after: Readonly<Record<string, Phase>>;
  readonly resource: PhaseResource;
  readonly retry: PhaseRetry;
  /** For each attempt, and for undoing. */
  readonly timeoutMs: number;
  run(values: Readonly<Record<string, unknown>>, call: PhaseCall): Promise<Value>;
  undo?(value: Value, call: PhaseCall): Promise<void>;
}

/** The values of the phases before, by the names in `after`. */
export type PhaseValues<After extends Readonly<Record<string, Phase>>> = {
  readonly [Name in keyof After]: After[Name] extends Phase<infer Value> ? Value : never;
};

/** What a phase does and needs. */
export interface PhaseOptions<After extends Readonly<Record<string, Phase>>, Value> {
  /** Default: nothing. */
  readonly after?: After;
  /** Default `none`: as many at once as are ready. */
  readonly resource?: PhaseResource;
  /** Default `never`. */
  readonly retry?: PhaseRetry;
  /** Default 10 minutes. */
  readonly timeoutMs?: number;
  /** Sets something up. If it throws, it leaves nothing behind: `undo` is for what it returned. */
  run(values: PhaseValues<After>, call: PhaseCall): Promise<Value>;
  /** Takes down what `run` returned. */
  undo?(value: Value, call: PhaseCall): Promise<void>;
}

const usualTimeoutMs = 600_000;

/**
 * A phase of an environment: its name, the phases it comes after, and what it does with their values. `timeoutMs` defaults to 600,000.
 *
 * @example
 * ```ts
 * import { phase, runPhases } from 'tekton-bundles/testing';
 *
 * const database = phase('database', { run: async () => 'postgres://127.0.0.1/test' });
 * const service = phase('service', { after: { database }, run: async (values) => `service on ${values.database}` });
 * await using environment = await runPhases([service]);
 * console.log(environment.valueOf(service)); // service on postgres://127.0.0.1/test
 * ```
 */
export function phase<Value, After extends Readonly<Record<string, Phase>> = Readonly<Record<never, Phase>>>(
  name: string,
  options: PhaseOptions<After, Value>,
): Phase<Value> {
  const { after, resource = 'none', retry = 'never', timeoutMs = usualTimeoutMs, run, undo } = options;
  return {
    name,
    resource,
    retry,
    timeoutMs,
    after: after ?? {},
    // The run hands each phase exactly the values that its `after` names.
    run: (values, call) => run(values as PhaseValues<After>, call),
    ...(undo && { undo: (value: Value, call: PhaseCall) => undo(value, call) }),
  };
}
