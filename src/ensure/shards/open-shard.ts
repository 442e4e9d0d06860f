import { dirname, join, resolve } from 'node:path';
import { BundlesError } from '../../errors.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import { type Digest, digestOf } from '../../oci/digest.js';
import type { Connection } from '../../open/connect.js';
import type { RunContext } from '../../open/machine.js';
import type { NetworkOptions } from '../../open/network-options.js';
import type { openConnection } from '../../open/open-connection.js';
import type { LockEntry } from '../../project/lock/lock.js';
import { configDigest, formatLockPart } from '../../project/lock/lock-part.js';
import { parseShard, shardOf } from '../../project/lock/shard.js';
import type { Project } from '../../project/project.js';
import type { readProjectText } from '../../project/read-project.js';
import type { RunShard } from '../run.js';
import { writePartArtifact } from './part-artifact.js';
import { formatPartLocation, type PartLocation, parsePartTarget } from './part-location.js';

export interface ShardSettings extends NetworkOptions {
  readonly shard?: string | undefined;
  readonly part?: string | undefined;
  readonly mode?: 'ensure' | 'check' | undefined;
  readonly names?: readonly string[] | undefined;
  readonly offline?: boolean | undefined;
  readonly lock?: string | undefined;
  readonly verbose?: boolean | undefined;
}

export interface ShardRequest {
  readonly settings: ShardSettings;
  readonly projects: readonly Project[];
  /** Of the run itself: what it has sent counts towards the limit on requests. Undefined when offline. */
  readonly connection: Pick<Connection, 'registry' | 'anonymous'> | undefined;
  /** Given, since every run has them loaded: this file alone is loaded later. */
  readonly openConnection: typeof openConnection;
  readonly readProjectText: typeof readProjectText;
}

/**
 * The shard of a run, which takes its own bundles alone and writes a part of the lock where it would have written the lock.
 * @throws USAGE, REFERENCE_INVALID, CONFIG_NOT_FOUND, before anything is built
 */
export async function openShard(context: RunContext, request: ShardRequest): Promise<RunShard> {
  const { settings, projects } = request;
  const { mode = 'ensure', names = [] } = settings;
  const shard = parseShard(requireShard(settings.shard));
  const [project, ...more] = projects;
  if (!project || more.length > 0)
    throw usage('several projects', 'a part belongs to one', 'Run once for each');
  if (names.length > 0)
    throw usage('names of bundles', 'a part holds all bundles of its shard', 'Leave out the names');
  const target = targetOf(settings, mode, project);
  const config = configDigest(await request.readProjectText(project.file, { signal: context.signal }));
  return {
    holds: (name) => shardOf(name, shard.of) === shard.shard,
    async write(reports, lock, options) {
      if (!target) throw new TypeError('only ensure writes a part');
      const entries = new Map<string, LockEntry>();
      for (const { result, entry } of reports) {
        const kept = entry ?? lock.entries.get(result.name);
        if (kept?.reference === result.reference) entries.set(result.name, kept);
      }
      const text = formatLockPart({ ...shard, config, entries });
      const written = await writePart(context, { ...request, project, target, text }, options);
      return { ...shard, ...written, entries: entries.size };
    },
  };
}

function requireShard(shard: string | undefined): string {
  if (shard !== undefined) return shard;
  throw new BundlesError('USAGE', 'Cannot use --part without --shard', {
    hint: 'Give both: --shard 1/16 --part parts/1.yaml; a run over all bundles writes the lock',
  });
}

/** Undefined for `check`, which writes nothing. */
function targetOf(
  { part, offline, lock }: ShardSettings,
  mode: 'ensure' | 'check',
  project: Project,
): PartLocation | undefined {
  if (mode === 'check') return undefined;
  if (part === undefined) {
    throw new BundlesError('USAGE', 'Cannot ensure a shard without --part: it never writes the lock', {
      hint: 'Choose where its part of the lock is written: --part FILE, or --part oci:REGISTRY/REPOSITORY:TAG',
    });
  }
  const target = parsePartTarget(part);
  if (target.kind === 'registry') {
    if (!offline) return target;
    throw usage(
      '--offline',
      'the part is to go to a registry',
      'Write it to a file: --part FILE, or leave out --offline',
    );
  }
  const others = [project.file, join(project.directory, 'bundles.lock'), lock];
  if (!others.some((other) => other !== undefined && resolve(other) === resolve(target.path))) return target;
  throw usage(
    `--part ${JSON.stringify(part)}`,
    'that is a file of the project',
    'Name a separate file for each part',
  );
}

interface WriteRequest extends ShardRequest {
  readonly project: Project;
  readonly target: PartLocation;
  readonly text: string;
}

async function writePart(
  context: RunContext,
  { settings, project, target, text, connection: own, openConnection: open }: WriteRequest,
  options: { readonly signal?: AbortSignal },
): Promise<{ readonly location: string; readonly digest: Digest }> {
  if (target.kind === 'file') {
    await makeDirectory(dirname(target.path));
    await writeFileAtomic(target.path, text, { onlyIfChanged: true, ...options });
    return { location: target.path, digest: digestOf(new TextEncoder().encode(text)) };
  }
  const { reference } = target;
  const { maxRequests, verbose = false } = settings;
  const spent = own ? own.registry.report().requests + own.anonymous.report().requests : 0;
  const left = maxRequests === undefined ? {} : { maxRequests: Math.max(0, maxRequests - spent) };
  // A separate connection: the part has no alternative, so its registry gets the full timeout. The run's own connection
  // has already printed the warnings.
  const connection = await open(verbose ? context : { ...context, stderr: { line: () => undefined } }, {
    options: { ...settings, ...left, quiet: true },
    patience: 'full',
    registries: [reference.registry],
    projects: [project],
  });
  try {
    const digest = await writePartArtifact(
      connection.registry.repository(reference),
      { text, tag: reference.tag ?? '', fileName: 'bundles.lock.part.yaml' },
      options,
    );
    return {
      location: formatPartLocation({ kind: 'registry', reference: { ...reference, digest } }),
      digest,
    };
  } finally {
    await connection.close();
  }
}

function usage(what: string, why: string, hint: string): BundlesError {
  return new BundlesError('USAGE', `Cannot use --shard with ${what}: ${why}`, { hint });
}
