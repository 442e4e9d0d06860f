import { nearest } from '../yaml-file/nearest.js';

/** The one of the candidates that was most likely meant: a misspelled word, or the beginning of just one of them. */
export function didYouMean(text: string, candidates: readonly string[]): string | undefined {
  const close = nearest(text, candidates);
  if (close !== undefined) return close;
  const longer = candidates.filter(
    (candidate) => text.length > 1 && candidate.startsWith(text.toLowerCase()),
  );
  return longer.length === 1 ? longer[0] : undefined;
}
