import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../random/seeded-random.js';
import {
  type Acknowledged,
  ownRepository,
  pushUntilGone,
  requireReadable,
  requireWholeTags,
  sharedRepository,
} from './push-load.js';
import { startServeCommand } from './serve-command.js';

export interface RegistryKillOptions {
  readonly kills: number;
  /** Decides the moments. */
  readonly seed: number;
  /** Default 4. */
  readonly clients?: number;
}

export interface RegistryKillReport {
  readonly kills: number;
  /** Pushes that the registry acknowledged before it was killed; each is readable and intact afterwards. */
  readonly acknowledged: number;
  /** Tags found afterwards, each of a whole image; some were never acknowledged. */
  readonly tags: number;
}

/**
 * Kills the embedded registry at random moments while clients push, always over the same directory, and reads
 * everything back from one that is started again. Throws at anything lost or torn.
 */
export async function killRegistryUnderLoad(
  root: string,
  { kills, seed, clients = 4 }: RegistryKillOptions,
): Promise<RegistryKillReport> {
  const random = seededRandom(seed);
  const acknowledged: Acknowledged[] = [];
  const names: string[] = [];
  for (let round = 0; round < kills; round++) {
    const before = acknowledged.length;
    const registry = await startServeCommand(root);
    const pushing = Array.from({ length: clients }, (_, client) => `${round}-${client}`).map((client) => {
      names.push(client);
      return pushUntilGone(registry.url, { client, acknowledged });
    });
    while (acknowledged.length === before) await sleep(5);
    await sleep(random() * 400);
    await registry.kill();
    await Promise.all(pushing);
  }
  await using again = await startServeCommand(root);
  const left = await readdir(join(root, '.uploads')).catch(() => []);
  if (left.length > 0) throw new Error(`what the killed ones were sent is still there: ${left.join(', ')}`);
  await requireReadable(again.url, acknowledged);
  const tags = await requireWholeTags(again.url, [sharedRepository, ...names.map(ownRepository)]);
  await again.stop();
  if (again.complaints.length > 0) throw new Error(`the registry complains: ${again.complaints.join('\n')}`);
  return { kills, acknowledged: acknowledged.length, tags };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
