import { type Bundle, buildBundle } from '../bundle/build-bundle.js';
import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import { formatReference } from '../oci/reference.js';
import type { LockEntry } from '../project/lock.js';
import type { BundleSpec, Project } from '../project/project.js';
import { readSourceFiles } from '../project/source-files.js';
import { sourcesDigest } from '../project/sources-digest.js';
import type { TektonObject } from '../tekton/object.js';
import { readSources } from '../tekton/read-sources.js';

/** A declared bundle, built in memory. */
export interface Candidate {
  readonly spec: BundleSpec;
  readonly bundle: Bundle;
  /** The objects behind it, in layer order. */
  readonly objects: readonly TektonObject[];
  /** Digest of everything that decides the bytes, but for `created`. */
  readonly sources: Digest;
  /** The lock's entry, where it speaks of the same reference and the same sources. */
  readonly previous: LockEntry | undefined;
  readonly warnings: readonly string[];
}

export interface CandidateRequest {
  readonly project: Project;
  readonly spec: BundleSpec;
  readonly entry: LockEntry | undefined;
  /** Asked for by --ctime or SOURCE_DATE_EPOCH; else the lock says, else it is the epoch in UTC. */
  readonly created: string | undefined;
}

/** Reads and builds one declared bundle; no network. */
export async function buildCandidate(
  { project, spec, entry, created }: CandidateRequest,
  options: CallOptions = {},
): Promise<Candidate> {
  const files = await readSourceFiles(project, spec, options);
  const sources = sourcesDigest(files, spec);
  const previous =
    entry?.sources === sources && entry.reference === formatReference(spec.reference) ? entry : undefined;
  const { objects, warnings } = readSources(files);
  const time = created ?? previous?.created;
  const bundle = buildBundle(objects, {
    annotations: spec.annotations,
    labels: spec.labels,
    ...(time === undefined ? {} : { created: time }),
  });
  return {
    spec,
    bundle,
    objects,
    sources,
    previous,
    warnings: warnings.map(({ message, file, line }) => `${file}:${line}: ${message}`),
  };
}
