import type { BundleResult, EnsureResult } from '../../../ensure/result.js';
import type { VerdictName } from '../../../publish/verdict.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';

/** The exit status of a result: `check` leaves by verdict, whatever a fallback could do. */
export function runExitCode(mode: 'ensure' | 'check', { bundles, error }: EnsureResult): number {
  const codes = bundles.map((bundle) => (mode === 'check' ? checkCode(bundle) : failureCode(bundle)));
  return worstExitCode(error ? [...codes, exitCodes[error.code]] : codes);
}

const verdictCodes: Readonly<Record<VerdictName, number>> = {
  present: 0,
  equivalent: 0,
  absent: 3,
  different: 4,
  denied: 5,
  unreachable: 6,
};

function checkCode(bundle: BundleResult): number {
  const byVerdict = bundle.verdict === null ? 0 : verdictCodes[bundle.verdict];
  return byVerdict === 0 ? failureCode(bundle) : byVerdict;
}

function failureCode({ error }: BundleResult): number {
  return error ? exitCodes[error.code] : 0;
}
