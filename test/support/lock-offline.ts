import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/async/system-clock.js';
import { createRun } from '../../src/ensure/create-run.js';
import { ensureProject } from '../../src/ensure/ensure-project.js';
import { readProject } from '../../src/project/read-project.js';
import type { SampleProject } from './samples/sample-project.js';

/** Writes lock and schemas of a project as a run without a network does, and leaves no state of the machine behind. */
export async function lockOffline({
  config,
  directory,
}: Pick<SampleProject, 'config' | 'directory'>): Promise<void> {
  const environment = { clock: systemClock, registries: undefined };
  const { error } = await ensureProject(
    createRun(await readProject(config), { mode: 'ensure' }, environment),
  );
  if (error) throw new Error(error.message);
  await rm(join(directory, '.bundles'), { recursive: true });
}
