import { createHash } from 'node:crypto';
import type { ReportCase } from './report-case.js';

/** Problems as a report of GitLab's Code Quality: the fields it reads, an identity that outlives changed lines. */
export function toCodeQuality(cases: readonly ReportCase[]): object[] {
  const times = new Map<string, number>();
  return cases.flatMap(({ subject, state, problem }) => {
    if (problem === null) return [];
    const { rule, severity, message, hint, file, line } = problem;
    const identity = JSON.stringify([rule, file, subject, message]);
    const time = (times.get(identity) ?? 0) + 1;
    times.set(identity, time);
    const fingerprint = createHash('sha256').update(`${identity}${time}`).digest('hex');
    return {
      description: hint === null ? message : `${message}. ${hint}`,
      check_name: rule,
      fingerprint,
      severity: severity === 'error' || state === 'failed' ? 'major' : 'minor',
      location: { path: file, lines: { begin: line } },
    };
  });
}
