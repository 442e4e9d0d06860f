import { type RawBuilder, sql } from 'kysely';
import type { DetectedLabels, SearchFilters } from '../../catalog/data-storage/data-storage-api.js';

/** Parts of an entry's score, as SQL over the columns `detected_labels` and `custom_labels`. */
export interface Score {
  readonly boost: RawBuilder<number>;
  readonly penalty: RawBuilder<number>;
  /** (5 + boost - penalty) / 10: five for the mandatory labels, which all match. */
  readonly total: RawBuilder<number>;
}

type BooleanLabel =
  | 'gitOpsManaged'
  | 'pdbProtected'
  | 'networkIsolated'
  | 'helmManaged'
  | 'stateful'
  | 'hpaEnabled';

const booleanBoosts: Readonly<Record<BooleanLabel, string>> = {
  gitOpsManaged: '0.10',
  pdbProtected: '0.05',
  networkIsolated: '0.03',
  helmManaged: '0.02',
  stateful: '0.02',
  hpaEnabled: '0.02',
};
/** For the very value, and for any value where the query has `*`. The service rounds 0.025 to 0.03. */
const toolBoosts = {
  gitOpsTool: { exact: '0.10', any: '0.05' },
  serviceMesh: { exact: '0.05', any: '0.03' },
} as const;
const customBoosts = { exact: '0.05', any: '0.03' };
const penalty = '0.10';

/** How well an entry fits, by the rules of the service: numeric, so that no digit is lost. */
export function createScore({
  detected_labels: detected = {},
  custom_labels: custom = {},
}: SearchFilters): Score {
  const boost = sum([...detectedBoosts(detected), ...customCases(custom)]);
  const loss = sum(penalties(detected));
  return { boost, penalty: loss, total: sql<number>`((5.0 + ${boost} - ${loss}) / 10.0)` };
}

function detectedBoosts(detected: DetectedLabels): RawBuilder<number>[] {
  const cases = Object.entries(booleanBoosts)
    .filter(([name]) => detected[name as BooleanLabel] === true)
    .map(([name, points]) => when(sql`detected_labels->>${sql.lit(name)} = 'true'`, points));
  for (const name of ['gitOpsTool', 'serviceMesh'] as const) {
    const wanted = detected[name];
    if (wanted === undefined) continue;
    const stored = sql`detected_labels->>${sql.lit(name)}`;
    cases.push(
      wanted === '*'
        ? when(sql`${stored} IS NOT NULL`, toolBoosts[name].any)
        : when(sql`${stored} = ${wanted}`, toolBoosts[name].exact),
    );
  }
  return cases;
}

function penalties({ gitOpsManaged, gitOpsTool }: DetectedLabels): RawBuilder<number>[] {
  const cases: RawBuilder<number>[] = [];
  if (gitOpsManaged) {
    cases.push(when(sql`COALESCE(detected_labels->>'gitOpsManaged', 'false') = 'false'`, penalty));
  }
  if (gitOpsTool !== undefined && gitOpsTool !== '*') {
    cases.push(when(sql`detected_labels->>'gitOpsTool' IS DISTINCT FROM ${gitOpsTool}`, penalty));
  }
  return cases;
}

/** Points for each value asked for: a stored list that has it counts more than one that has `*`. */
function customCases(custom: Readonly<Record<string, readonly string[]>>): RawBuilder<number>[] {
  return Object.entries(custom).flatMap(([key, values]) => {
    // As the service reads keys: other characters are left out.
    const stored = sql`custom_labels->(${key.replace(/[^\w-]/g, '')}::text)`;
    return values.map(
      (value) => sql<number>`(CASE
        WHEN ${stored} @> to_jsonb(${value}::text) THEN ${sql.raw(customBoosts.exact)}
        WHEN ${stored} @> '"*"'::jsonb THEN ${sql.raw(customBoosts.any)}
        ELSE 0.0 END)`,
    );
  });
}

function when(condition: RawBuilder<unknown>, points: string): RawBuilder<number> {
  return sql<number>`(CASE WHEN ${condition} THEN ${sql.raw(points)} ELSE 0.0 END)`;
}

function sum(terms: readonly RawBuilder<number>[]): RawBuilder<number> {
  return terms.length === 0 ? sql<number>`0.0` : sql<number>`(${sql.join(terms, sql` + `)})`;
}
