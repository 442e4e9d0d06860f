import type { PhaseResource } from './phase.js';

/** What a run of phases did and when; plain JSON. Times are milliseconds since its start. */
export interface PhaseTrace {
  readonly version: 1;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** From the start until everything was up, or until it was given up. */
  readonly durationMs: number;
  /** True once every phase is done. */
  readonly complete: boolean;
  /** In the order in which they were given, each after those it needs. */
  readonly phases: readonly PhaseRecord[];
}

/** What became of one phase; times are milliseconds since the start of the run. */
export interface PhaseRecord {
  readonly name: string;
  readonly after: readonly string[];
  readonly resource: PhaseResource;
  /** `skipped`: never started, since the run was given up before. */
  readonly state: 'done' | 'failed' | 'cancelled' | 'skipped';
  /** When the phases before it were done; null where that never happened. */
  readonly readyMs: number | null;
  /** When it got its place; what lies between is the wait for its resource. */
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly attempts: readonly PhaseAttempt[];
  /** Null where there was nothing to take down, or not yet. */
  readonly undone: PhaseAttempt | null;
}

/** One attempt of a phase; times are milliseconds. */
export interface PhaseAttempt {
  readonly durationMs: number;
  /** Null where it succeeded. */
  readonly error: { readonly code: string | null; readonly message: string } | null;
}
