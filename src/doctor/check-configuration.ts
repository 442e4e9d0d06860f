import { join } from 'node:path';
import { emptyLock, type Lock } from '../project/lock/lock.js';
import { readLock } from '../project/lock/lock-file.js';
import type { Project, ProjectOverrides } from '../project/project.js';
import { readProject } from '../project/read-project.js';
import { broken, type CheckOutcome, fine } from './check-result.js';

export interface ConfigurationQuestion {
  readonly file: string;
  readonly overrides?: ProjectOverrides | undefined;
  /** Default: `bundles.lock` beside the file. */
  readonly lockFile?: string | undefined;
}

export interface SeenConfiguration {
  readonly look: CheckOutcome;
  /** Undefined where it cannot be read. */
  readonly project: Project | undefined;
  readonly lock: Lock;
}

/** Whether bundles.yaml and its lock can be read. */
export async function checkConfiguration(
  { file, overrides = {}, lockFile }: ConfigurationQuestion,
  signal: AbortSignal,
): Promise<SeenConfiguration> {
  let project: Project | undefined;
  try {
    project = await readProject(file, overrides, { signal });
    const lock = await readLock(lockFile ?? join(project.directory, 'bundles.lock'), { signal });
    const { bundles } = project;
    const pinned = bundles.filter(({ name }) => lock.entries.has(name)).length;
    const message = `${file} declares ${bundles.length} ${bundles.length === 1 ? 'bundle' : 'bundles'}, its lock pins ${pinned} of them`;
    return { look: fine(message, { file, bundles: bundles.length, pinned }), project, lock };
  } catch (error) {
    signal.throwIfAborted();
    return { look: broken(error, { file }), project, lock: emptyLock };
  }
}
