import { type BundlesError, type ErrorCode, toBundlesError } from '../errors.js';

/** The links that are looked at, in the order in which one rests on another. */
export type LinkName =
  | 'configuration'
  | 'sources'
  | 'credentials'
  | 'registry'
  | 'clock'
  | 'state'
  | 'fallback'
  | 'cluster'
  | 'resolver'
  | 'catalog'
  | 'engine'
  | 'disk'
  | 'memory';

/** `skipped`: it rests on a link that is broken. */
export type LinkState = 'ok' | 'warning' | 'broken' | 'not-configured' | 'skipped';

/** What was found of one link; a link that is about several hosts is found several times. */
export interface CheckResult {
  readonly link: LinkName;
  readonly state: LinkState;
  readonly message: string;
  /** What to do; null where nothing is to be done. */
  readonly remedy: string | null;
  /** What the command that needs the link would fail with; null unless it is broken. */
  readonly code: ErrorCode | null;
  /** Plain data for programs: host, verdict, source, bytes … Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** The result of one check; the caller adds which link was checked. */
export type CheckOutcome = Omit<CheckResult, 'link'>;

type Details = CheckResult['details'];

export function fine(message: string, details: Details = {}): CheckOutcome {
  return { state: 'ok', message, remedy: null, code: null, details };
}

export function warning(message: string, remedy: string, details: Details = {}): CheckOutcome {
  return { state: 'warning', message, remedy, code: null, details };
}

export function notConfigured(message: string, details: Details = {}): CheckOutcome {
  return { state: 'not-configured', message, remedy: null, code: null, details };
}

export function skipped(message: string): CheckOutcome {
  return { state: 'skipped', message, remedy: null, code: null, details: {} };
}

/** A link is broken by the error that its user would get; the error's hint is the remedy. */
export function broken(error: unknown, details: Details = {}): CheckOutcome {
  const { code, message, hint, details: facts }: BundlesError = toBundlesError(error);
  const remedy = hint ?? `Run: npx tekton-bundles explain ${code}`;
  return { state: 'broken', message, remedy, code, details: { ...facts, ...details } };
}

/** The same for a link that nothing needs now. */
export function troubled(error: unknown, details: Details = {}): CheckOutcome {
  return { ...broken(error, details), state: 'warning', code: null };
}
