import type { EnsureResult } from '../../../ensure/result.js';

/** GitLab refuses a larger file. */
const longest = 5 * 1024;

export interface DotenvFile {
  readonly lines: readonly string[];
  /** Bundles that have no variable: their names give one that is taken, or the file would be too long. */
  readonly leftOut: readonly string[];
}

/**
 * The outputs of a run as variables for later jobs (`artifacts: reports: dotenv`). None of them is a variable that this
 * program reads.
 */
export function toDotenv(
  { bundles, workflows }: EnsureResult,
  { report }: { readonly report: string },
): DotenvFile {
  const { changed, fallback } = runFlags({ bundles, workflows });
  const lines = [
    `BUNDLES_RESULT_REPORT=${report}`,
    `BUNDLES_RESULT_CHANGED=${changed}`,
    `BUNDLES_RESULT_FALLBACK=${fallback}`,
  ];
  const taken = new Set<string>();
  const leftOut: string[] = [];
  let length = Buffer.byteLength(`${lines.join('\n')}\n`);
  for (const { name, pinned } of bundles) {
    if (pinned === null) continue;
    const variable = `BUNDLES_PINNED_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
    const line = `${variable}=${pinned}`;
    length += Buffer.byteLength(`${line}\n`);
    if (taken.has(variable) || length > longest) leftOut.push(name);
    else lines.push(line);
    taken.add(variable);
  }
  return { lines, leftOut };
}

/** The first line of every report of a run. */
export function runFlags({ bundles, workflows }: Pick<EnsureResult, 'bundles' | 'workflows'>): {
  changed: boolean;
  fallback: boolean;
} {
  return {
    changed: [...bundles, ...workflows].some(({ changes }) => changes.length > 0),
    fallback: bundles.some(({ outcome, plan }) => outcome === 'fallback' || plan === 'fallback'),
  };
}
