import type { Content } from '../oci/image.js';
import type { RegistryConnection } from './connection/connection.js';
import { getManifest, type ManifestOptions, sendManifest, subjectOf } from './manifests.js';
import { isRegistryError, RegistryError } from './registry-error.js';

/** What a tag is to hold instead; undefined where what it holds is right. */
export type TagChange = (current: Content | undefined) => Content | undefined | Promise<Content | undefined>;

const tries = 12;
/** Others may have read the tag just before our PUT, and replace it by what they made of that. */
const shortestPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Reads what a tag names, changes it and puts it back, until what the tag holds needs no change. A registry cannot
 * compare and set, so after each PUT the tag is read again, later than another client needs from its read to its PUT:
 * an entry that such a client lost is put once more. `change` may be called any number of times.
 *
 * @returns whether anything was put
 * @throws RegistryError RACE_LOST where others never stop
 */
export async function updateTag(
  connection: RegistryConnection,
  tag: string,
  change: TagChange,
  { signal }: ManifestOptions = {},
): Promise<boolean> {
  const { clock, random } = connection;
  for (let round = 0; round < tries; round++) {
    const started = clock.now();
    const next = await change(await currentOf(connection, tag, { signal }));
    if (next === undefined) return round > 0;
    const { error } = await sendManifest(connection, next, { name: tag, signal });
    if (error) throw error;
    const took = clock.now() - started;
    const pause = Math.min(longestPauseMs, Math.max(shortestPauseMs, 2 * took));
    // Those who met once are to meet less likely in each further round.
    await clock.sleep(pause * (1 + random() * round), signal);
  }
  if ((await change(await currentOf(connection, tag, { signal }))) === undefined) return true;
  throw new RegistryError(
    'RACE_LOST',
    `Cannot add to ${subjectOf(connection, tag)}: other clients keep changing the list`,
    { reason: 'race-lost', details: { tag } },
  );
}

async function currentOf(
  connection: RegistryConnection,
  tag: string,
  options: ManifestOptions,
): Promise<Content | undefined> {
  try {
    const { descriptor, bytes } = await getManifest(connection, tag, options);
    return { descriptor, bytes };
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}
