import { type RawBuilder, sql } from 'kysely';

/** How many rows a selection has. */
export const count: RawBuilder<number> = sql<number>`count(*)`;

export interface CountedPage<Row> {
  readonly rows: readonly Row[];
  /** On all pages. */
  readonly total: number;
}

/**
 * The page of rows that each carry the total of their own statement, so that both are of one moment, whatever is written
 * meanwhile. `again` counts for a page beyond the end, which has no row to carry it.
 */
export async function countedPage<Row extends { readonly total: number | null }>(
  found: readonly Row[],
  { offset, again }: { readonly offset: number; readonly again: () => Promise<{ readonly total: number }> },
): Promise<CountedPage<Omit<Row, 'total'>>> {
  const [first] = found;
  if (first) return { rows: found.map(({ total: _, ...row }) => row), total: first.total ?? 0 };
  // No more matched than lie before the page, whatever matches by now.
  return { rows: [], total: offset === 0 ? 0 : Math.min(offset, (await again()).total) };
}
