import { isDeepStrictEqual } from 'node:util';
import type { LoadedBundle } from '../../bundle/load-bundle.js';
import { sha256Hex } from '../../bytes/sha256.js';
import type { Digest } from '../../oci/digest.js';
import { type Reference, referenceName } from '../../oci/reference.js';
import { withLineFeeds } from '../../project/sources/sources-digest.js';
import { version } from '../../version.js';
import { type Dependency, listMaterials, type MaterialObject } from '../sbom/materials.js';
import type { BuildFacts } from './build-facts.js';

/** The build type of our provenance: the address of the page that describes it. */
export const buildType = 'https://unpkg.com/tekton-bundles/docs/build-type-v1.md';

/** A bundle, its sources and its build. */
export interface ProvenanceRequest {
  readonly spec: {
    /** As declared. */
    readonly name: string;
    readonly reference: Reference & { readonly tag: string };
    /** Files, directories and globs as declared. */
    readonly files: readonly string[];
    /** Whether images are pinned by digest in the built bundle. */
    readonly pin: boolean;
  };
  /** What the sources give. */
  readonly bundle: LoadedBundle;
  /** The sources as they are on disk. */
  readonly files: readonly { readonly relativePath: string; readonly bytes: Uint8Array }[];
  readonly build: BuildFacts;
}

/**
 * The provenance of a bundle as a SLSA v1 predicate. It holds no time: the same sources in the same run give the same
 * bytes. `attestDigest` signs it, as the predicate of the type `https://slsa.dev/provenance/v1`.
 *
 * @see https://slsa.dev/spec/v1.1/provenance
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, loadBuiltBundle, readSources } from 'tekton-bundles/bundle';
 * import { createProvenance, readBuildFacts } from 'tekton-bundles/signing';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const bytes = await readFile(path);
 * const bundle = await loadBuiltBundle(buildBundle(readSources([{ path, bytes }]).objects));
 * const reference = { registry: 'quay.io', repository: 'acme/hello-world', tag: 'v1.0.0' };
 * const predicate = createProvenance({
 *   spec: { name: 'hello-world', reference, files: [path], pin: false },
 *   bundle,
 *   files: [{ relativePath: path, bytes }],
 *   build: readBuildFacts(process.env, { builder: 'https://ci.example.com/builder' }),
 * });
 * console.log(Object.keys(predicate)); // [ 'buildDefinition', 'runDetails' ]
 * ```
 */
export function createProvenance({
  spec,
  bundle,
  files,
  build,
}: ProvenanceRequest): Readonly<Record<string, unknown>> {
  const { objects, dependencies } = listMaterials(bundle, { repository: spec.reference });
  const { source, builder, invocation } = build;
  return {
    buildDefinition: {
      buildType,
      externalParameters: {
        bundle: spec.name,
        repository: referenceName(spec.reference),
        tag: spec.reference.tag,
        files: spec.files,
        annotations: sorted(bundle.manifest.annotations),
        labels: sorted(bundle.config.labels),
        created: bundle.config.created ?? null,
        pin: spec.pin,
      },
      internalParameters: { compression: 'Go 1.26 compress/gzip' },
      resolvedDependencies: [
        ...(source ? [{ uri: source.uri, digest: { gitCommit: source.commit } }] : []),
        ...files.map(({ relativePath, bytes }) => ({
          name: relativePath,
          digest: { sha256: sha256Hex(withLineFeeds(bytes)) },
        })),
        ...dependencies.map(descriptorOf),
      ],
    },
    runDetails: {
      builder: { id: builder, version: { 'tekton-bundles': version } },
      metadata: invocation === undefined ? {} : { invocationId: invocation },
      byproducts: objects.map(objectDescriptor),
    },
  };
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Whether other provenance states the same of a build: of everything but the run, the commit, the ref and the version of
 * this program. So a bundle whose sources did not change is not attested again with each commit.
 *
 * @example
 * ```ts
 * import { isSameBuild } from 'tekton-bundles/signing';
 *
 * const by = (id: string) => ({ runDetails: { builder: { id } } });
 * const main = by('https://ci.example.com/build@refs/heads/main');
 * console.log(isSameBuild(main, by('https://ci.example.com/build@refs/tags/v1')), isSameBuild(main, by('https://other.example')));
 * // true false
 * ```
 */
export function isSameBuild(provenance: Readonly<Record<string, unknown>>, other: unknown): boolean {
  return isDeepStrictEqual(lasting(provenance), lasting(other));
}

function lasting(provenance: unknown): unknown {
  const { buildDefinition, runDetails } = record(provenance);
  const { buildType: type, externalParameters, resolvedDependencies } = record(buildDefinition);
  const { id } = record(record(runDetails).builder);
  const dependencies = Array.isArray(resolvedDependencies) ? resolvedDependencies : [];
  return {
    type,
    externalParameters,
    builder: withoutRef(id),
    dependencies: dependencies.map((one) => {
      const { digest, uri, ...rest } = record(one);
      return 'gitCommit' in record(digest) ? { uri: withoutRef(uri) } : { digest, uri, ...rest };
    }),
  };
}

const withoutRef = (uri: unknown) => (typeof uri === 'string' ? uri.replace(/@refs\/.*$/, '') : uri);

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** An image or bundle that the objects name; without a digest where none pins it. */
function descriptorOf({ what, text, reference }: Dependency): Json {
  if (!reference) return { name: text, annotations: { type: what, pinned: false } };
  const { tag, digest } = reference;
  const uri = `oci://${referenceName(reference)}${tag === undefined ? '' : `:${tag}`}`;
  if (digest === undefined) return { uri, annotations: { type: what, pinned: false } };
  return { uri, digest: digestSet(digest), annotations: { type: what, pinned: true } };
}

function objectDescriptor({ kind, name, apiVersion, diffId, layer }: MaterialObject): Json {
  const about = apiVersion === undefined ? { layer } : { apiVersion, layer };
  return { name: `${kind}/${name}`, digest: digestSet(diffId), annotations: about };
}

function digestSet(digest: Digest): Json {
  const [algorithm = '', hex = ''] = digest.split(':');
  return { [algorithm]: hex };
}

function sorted(map: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1)));
}
