import { join } from 'node:path';
import { buildLocalBundle } from '../ensure/bundle/local-bundle.js';
import { type BundlesError, type ErrorCode, toBundlesError } from '../errors.js';
import { createImageResolver } from '../images/image-resolver.js';
import type { Digest } from '../oci/digest.js';
import { emptyLock, type Lock } from '../project/lock/lock.js';
import { readLock } from '../project/lock/lock-file.js';
import type { Project, ProjectOverrides } from '../project/project.js';
import { readProject } from '../project/read-project.js';
import type { RegistryClient } from '../registry/client.js';
import { broken, type CheckOutcome, fine, troubled } from './check-result.js';

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

export interface SourcesQuestion {
  readonly project: Project;
  readonly lock: Lock;
  /** For pinned images that are not in the lock; undefined if no registry may be queried. */
  readonly client: RegistryClient | undefined;
}

export interface SeenSources {
  readonly look: CheckOutcome;
  /** Of the bundles that can be built. */
  readonly digests: ReadonlyMap<string, Digest>;
}

/** Whether every declared bundle can be built. */
export async function checkSources(
  { project, lock, client }: SourcesQuestion,
  signal: AbortSignal,
): Promise<SeenSources> {
  const images = createImageResolver(client);
  const digests = new Map<string, Digest>();
  const failures: { readonly name: string; readonly error: BundlesError }[] = [];
  const warnings: string[] = [];
  for (const spec of project.bundles) {
    signal.throwIfAborted();
    try {
      const entry = lock.entries.get(spec.name);
      const candidate = await buildLocalBundle(
        { project, spec, entry, created: undefined, images },
        { signal },
      );
      digests.set(spec.name, candidate.digest);
      warnings.push(...candidate.warnings);
    } catch (error) {
      signal.throwIfAborted();
      failures.push({ name: spec.name, error: toBundlesError(error) });
    }
  }
  return { look: judge(failures, { built: digests.size, warnings }), digests };
}

function judge(
  failures: readonly { readonly name: string; readonly error: BundlesError }[],
  { built, warnings }: { readonly built: number; readonly warnings: readonly string[] },
): CheckOutcome {
  const own = failures.find(({ error }) => !ofRegistry.has(error.code));
  const first = own ?? failures[0];
  const details = { built, failed: failures.map(({ name }) => name), warnings };
  if (own) return broken(own.error, details);
  if (first) return troubled(first.error, details);
  return fine(`${built} of ${built} bundles can be built`, details);
}

/** An image to pin could not be resolved: the sources may be right. */
const ofRegistry: ReadonlySet<ErrorCode> = new Set([
  'REGISTRY_UNREACHABLE',
  'REGISTRY_DENIED',
  'RATE_LIMITED',
  'REQUEST_LIMIT',
  'IMAGE_NOT_PINNED',
]);
