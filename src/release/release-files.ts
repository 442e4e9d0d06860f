import { basename, join } from 'node:path';
import { loadBuiltBundle } from '../bundle/load-bundle.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { type Digest, digestOf } from '../oci/digest.js';
import type { Project } from '../project/project.js';
import { createSbom } from '../signing/sbom/sbom.js';
import { type SbomFormat, sbomEndings } from '../signing/sbom/sbom-types.js';
import { contentHash } from '../workflow/schema-document.js';
import { buildPinned, type PinnedBundle, readPinnedBundles } from './pinned-bundle.js';

/** A file of a release. */
export interface ReleaseFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

export interface ReleaseFiles {
  /** The lock, then schemas and bills of materials by the names of their bundles, then the checksums of them all. */
  readonly files: readonly ReleaseFile[];
  /** The name of each bundle and its pinned reference. */
  readonly pinned: ReadonlyMap<string, string>;
}

export interface ReleaseFilesRequest {
  readonly project: Project;
  /** Default: `bundles.lock` beside bundles.yaml. */
  readonly lockFile?: string | undefined;
  readonly sbomFormat: SbomFormat;
}

/** GitHub's limit for one release. */
const mostFiles = 1000;
const fileLimit = 64 * 1024 * 1024;

/**
 * What a release of a project consists of, from its lock and its sources, without a network. The same commit gives the same
 * bytes on every machine.
 * @throws LOCK_STALE where the lock, a schema and the sources do not fit each other; USAGE for too many bundles
 */
export async function collectReleaseFiles(
  { project, lockFile, sbomFormat }: ReleaseFilesRequest,
  options: CallOptions = {},
): Promise<ReleaseFiles> {
  const path = lockFile ?? join(project.directory, 'bundles.lock');
  const bundles = await readPinnedBundles({ project, specs: project.bundles, lockFile: path }, options);
  const files: ReleaseFile[] = [file('bundles.lock', await readText(path, options))];
  for (const bundle of bundles) {
    options.signal?.throwIfAborted();
    files.push(...(await filesOf(project, bundle, sbomFormat, options)));
  }
  if (files.length >= mostFiles) throw tooMany(files.length);
  const sums = [...files]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, digest }) => `${digest.replace(/^sha256:/, '')}  ${name}\n`);
  files.push(file('SHA256SUMS', sums.join('')));
  const pinned = bundles.map(({ spec, entry }) => [spec.name, `${entry.reference}@${entry.digest}`] as const);
  return { files, pinned: new Map(pinned) };
}

async function filesOf(
  project: Project,
  pinned: PinnedBundle,
  format: SbomFormat,
  options: CallOptions,
): Promise<ReleaseFile[]> {
  const { spec, entry } = pinned;
  const local = await buildPinned(project, pinned, options);
  const loaded = await loadBuiltBundle(await local.bundle());
  const sbom = createSbom(loaded, { format, repository: spec.reference, created: undefined });
  const described = file(`${spec.name}${sbomEndings[format]}`, sbom.bytes);
  if (entry.schema === undefined) return [described];
  const text = await readText(join(project.directory, entry.schema.path), options);
  if (contentHash(text) !== entry.schema.contentHash) throw otherSchema(spec.name, entry.schema.path);
  return [file(basename(entry.schema.path), text), described];
}

/** As it is committed, whatever line ends the checkout has. */
async function readText(path: string, { signal }: CallOptions): Promise<string> {
  const bytes = await readFileCapped(path, { limit: fileLimit, missing: 'LOCK_STALE', signal });
  return new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
}

function file(name: string, content: string | Uint8Array): ReleaseFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { name, bytes, digest: digestOf(bytes) };
}

function otherSchema(name: string, path: string): BundlesError {
  return new BundlesError(
    'LOCK_STALE',
    `Cannot release the bundle ${JSON.stringify(name)}: ${JSON.stringify(path)} is not the schema that the lock records`,
    { hint: `Run: npx tekton-bundles ensure ${name}`, details: { bundle: name, path } },
  );
}

function tooMany(number: number): BundlesError {
  return new BundlesError(
    'USAGE',
    `Cannot release ${number} files: GitHub accepts ${mostFiles} per release, checksums included`,
    { hint: 'Release the bundles as several projects, each with its own bundles.yaml and tag' },
  );
}
