import { createHash } from 'node:crypto';
import { BundlesError } from '../../errors.js';

/** One share of a project's bundles. */
export interface Shard {
  /** From 1 to `of`. */
  readonly shard: number;
  readonly of: number;
}

/** More than any engine starts at once. */
export const mostShards = 10_000;

/** Reads `K/N`. @throws USAGE */
export function parseShard(text: string): Shard {
  const [, shard, of] = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(text) ?? [];
  if (Number(of) <= mostShards && Number(shard) <= Number(of))
    return { shard: Number(shard), of: Number(of) };
  throw new BundlesError(
    'USAGE',
    `Cannot use --shard ${JSON.stringify(text.slice(0, 100))}: wanted K/N, K from 1 to N, N at most ${mostShards}`,
    { hint: 'The first of 16 shards is 1/16, the last 16/16' },
  );
}

export function formatShard({ shard, of }: Shard): string {
  return `${shard}/${of}`;
}

/** Which of `of` shards a bundle belongs to, by its name alone: from 1. */
export function shardOf(name: string, of: number): number {
  const hash = createHash('sha256').update(name, 'utf8').digest();
  return (hash.readUInt32BE(0) % of) + 1;
}
