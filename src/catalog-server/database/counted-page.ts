import { type RawBuilder, sql } from 'kysely';

/** How many rows a selection has. */
export const count: RawBuilder<number> = sql<number>`count(*)`;

export interface CountedPage<Row> {
  readonly rows: readonly Row[];
  /** On all pages. */
  readonly total: number;
}

/**
 * A page of rows, each with the total of the same statement, so that page and total are consistent under concurrent
 * writes. `again` counts for a page beyond the end, which has no rows.
 */
export async function countedPage<Row extends { readonly total: number | null }>(
  found: readonly Row[],
  { offset, again }: { readonly offset: number; readonly again: () => Promise<{ readonly total: number }> },
): Promise<CountedPage<Omit<Row, 'total'>>> {
  const [first] = found;
  if (first) return { rows: found.map(({ total: _, ...row }) => row), total: first.total ?? 0 };
  // At most the rows before the page matched, however many match now.
  return { rows: [], total: offset === 0 ? 0 : Math.min(offset, (await again()).total) };
}
