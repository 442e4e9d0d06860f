import { readCreated } from '../../bundle/created-time.js';
import type { LoadedBundle, LoadedObject } from '../../bundle/load-bundle.js';
import type { Digest } from '../../oci/digest.js';
import { formatReference, type Reference, referenceName } from '../../oci/reference.js';
import { bundlePaths, imagePaths } from '../../tekton/images/image-paths.js';
import { createDefaults } from '../../tekton/images/param-defaults.js';
import { readStepImage } from '../../tekton/images/step-image.js';
import { type FieldPath, valueAt } from '../../tekton/objects/field-path.js';
import type { TektonObject } from '../../tekton/objects/object.js';
import { describePath } from '../../tekton/objects/object-facts.js';

/** What a bundle is made of and what it needs when it runs: the content of its bill of materials. */
export interface Materials {
  /** `registry/repository`, or `bundle` where it lies in no repository. */
  readonly name: string;
  readonly repository: Pick<Reference, 'registry' | 'repository'> | undefined;
  /** Of its manifest. */
  readonly digest: Digest;
  /** Of the manifest's annotation `org.opencontainers.image.version`. */
  readonly version: string | undefined;
  /** In UTC, to the second. */
  readonly created: string;
  /** In layer order. */
  readonly objects: readonly MaterialObject[];
  /** Each once, sorted: what the objects need from elsewhere. */
  readonly dependencies: readonly Dependency[];
}

export interface MaterialObject {
  /** In lower case, as the layer states; `object` where it states nothing. */
  readonly kind: string;
  readonly name: string;
  /** With its group; undefined where the layer contains no Tekton object. */
  readonly apiVersion: string | undefined;
  /** Of the label `app.kubernetes.io/version`. */
  readonly version: string | undefined;
  /** Of the layer as it is stored. */
  readonly layer: Digest;
  /** Of the layer before compression. */
  readonly diffId: Digest;
  readonly uses: readonly Use[];
}

/** Where an object names a dependency. */
export interface Use {
  readonly dependency: Dependency;
  /** E.g. `steps.compile` or `tasks.build.taskRef`. */
  readonly at: string;
  /** The text with params, where their defaults decide what the dependency is. */
  readonly written: string | undefined;
}

export interface Dependency {
  /** `image` of a step or sidecar, `bundle` that other objects are taken from. */
  readonly what: 'image' | 'bundle';
  /** `docker.io/library/busybox:1.36@sha256:…`; where no reference can be read, the text as written. */
  readonly text: string;
  /** Undefined where a run decides (params), or the text is not a reference. */
  readonly reference: Reference | undefined;
}

export interface ListMaterialsOptions {
  /** Where the bundle lies; neither tag nor digest of it is looked at. */
  readonly repository?: Pick<Reference, 'registry' | 'repository'> | undefined;
  /** Time of a bundle whose config states none. Default the epoch. */
  readonly created?: string | undefined;
}

/** Lists what a bundle is made of. The same bundle in the same repository gives the same list. */
export function listMaterials(
  bundle: LoadedBundle,
  { repository, created }: ListMaterialsOptions = {},
): Materials {
  const dependencies = new Map<string, Dependency>();
  const objects = bundle.objects.map((object, index) => materialObject(object, index, dependencies));
  return {
    name: repository ? referenceName(repository) : 'bundle',
    repository,
    digest: bundle.digest,
    version: own(bundle.manifest.annotations, 'org.opencontainers.image.version'),
    created: inSeconds(bundle.config.created) ?? inSeconds(created) ?? '1970-01-01T00:00:00Z',
    objects,
    dependencies: [...dependencies].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one),
  };
}

function materialObject(
  { annotated, layer, diffId, object }: LoadedObject,
  index: number,
  dependencies: Map<string, Dependency>,
): MaterialObject {
  return {
    kind: object?.kind.toLowerCase() ?? (annotated.kind || 'object'),
    name: object?.name || annotated.name || `layer-${index + 1}`,
    apiVersion: object?.apiVersion,
    version: object && labelOf(object, 'app.kubernetes.io/version'),
    layer: layer.digest,
    diffId,
    uses: object ? usesOf(object, dependencies) : [],
  };
}

function usesOf(object: TektonObject, dependencies: Map<string, Dependency>): Use[] {
  const { value } = object;
  const withDefaults = createDefaults(value);
  const use = (what: Dependency['what'], path: FieldPath, at: FieldPath): Use => {
    const written = String(valueAt(value, path));
    const text = written.includes('$(') ? withDefaults(path) || written : written;
    const found = dependencyOf(what, text);
    const key = `${what} ${found.text}`;
    const dependency = dependencies.get(key) ?? found;
    dependencies.set(key, dependency);
    return { dependency, at: describePath(value, at), written: text === written ? undefined : written };
  };
  return [
    ...imagePaths(value).map((path) => use('image', path, path)),
    // Named by the reference to another object, not by its param.
    ...bundlePaths(value).map((path) => use('bundle', path, path.slice(0, -3))),
  ];
}

/** Each dependency of an object once, with all places that name it. */
export function byDependency(uses: readonly Use[]): [Dependency, string[]][] {
  const found = new Map<Dependency, string[]>();
  for (const { dependency, at, written } of uses) {
    const places = found.get(dependency) ?? [];
    places.push(written === undefined ? at : `${at} (${written} by default)`);
    found.set(dependency, places);
  }
  return [...found];
}

function dependencyOf(what: Dependency['what'], text: string): Dependency {
  const image = readStepImage(text);
  if (image.form !== 'tag' && image.form !== 'digest') return { what, text, reference: undefined };
  return { what, text: formatReference(image.reference), reference: image.reference };
}

/** Documents have times in UTC without fractions. */
function inSeconds(created: string | undefined): string | undefined {
  const time = created === undefined ? undefined : readCreated(created);
  if (time === undefined) return undefined;
  const text = new Date(time.milliseconds).toISOString();
  // A year beyond four digits, reached by an offset.
  return /^\d{4}-/.test(text) ? text.replace(/\.\d+Z$/, 'Z') : undefined;
}

function labelOf({ value }: TektonObject, key: string): string | undefined {
  const label = valueAt(value, ['metadata', 'labels', key]);
  return typeof label === 'string' && label !== '' ? label : undefined;
}

function own(map: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(map, key) && map[key] !== '' ? map[key] : undefined;
}
