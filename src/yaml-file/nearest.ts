/**
 * The candidate that `word` most likely misspells, or undefined where none is close: at most one edit for a
 * short word, a third of its length for a longer one. Case, `-` and `_` do not count.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word.slice(0, 100));
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const found = plain(candidate);
    if (Math.abs(found.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, found);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** The nearest candidate, or the only one that the word, of three letters or more, begins: `dir` for `directory`. */
export function nearestOrLonger(word: string, candidates: readonly string[]): string | undefined {
  const longer =
    /^.{3,40}$/.test(word) && candidates.filter((candidate) => plain(candidate).startsWith(plain(word)));
  return nearest(word, candidates) ?? (longer && longer.length === 1 ? longer[0] : undefined);
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours, each counted as one. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
