import type { ImageManifest } from '../oci/manifest.js';
import { objectAnnotations } from '../tekton/layers/annotations.js';

/** What is wrong with a bundle in the eyes of the cluster. */
export interface BundleProblem {
  /** Stable name of the rule. */
  readonly rule: BundleRule;
  /** `error`: the resolver or the controller refuses it; `warning`: it works, and rarely as meant. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Counted from 0, as the resolver counts; null where the bundle as a whole is meant. */
  readonly layer: number | null;
}

/** The rules of Tekton's bundles resolver that a bundle can break. */
export type BundleRule =
  | 'bundle-readable'
  | 'bundle-not-empty'
  | 'layers-at-most-20'
  | 'layer-annotations'
  | 'kind-lower-case-singular'
  | 'object-unique'
  | 'layer-readable'
  | 'object-readable'
  | 'annotation-matches-object'
  | 'object-size';

/** What the cluster's resolver takes at most. */
const MOST_LAYERS = 20;

/** What the resolver itself refuses about a manifest, whichever object is requested; in its order. */
export function manifestProblems({ layers }: Pick<ImageManifest, 'layers'>): BundleProblem[] {
  const problems: BundleProblem[] = [];
  if (layers.length > MOST_LAYERS) {
    const message = `it has ${layers.length} layers, the resolver takes at most ${MOST_LAYERS}`;
    problems.push({ rule: 'layers-at-most-20', severity: 'error', message, layer: null });
  }
  for (const [layer, { annotations = {} }] of layers.entries()) {
    for (const key of [objectAnnotations.apiVersion, objectAnnotations.name, objectAnnotations.kind]) {
      if (Object.hasOwn(annotations, key)) continue;
      const message = `layer ${layer} has no annotation ${key}`;
      problems.push({ rule: 'layer-annotations', severity: 'error', message, layer });
    }
    const kind = annotations[objectAnnotations.kind];
    if (kind === undefined || (kind === kind.toLowerCase() && !kind.endsWith('s'))) continue;
    const message = `the kind ${JSON.stringify(kind.slice(0, 100))} of layer ${layer} is not lower-case and singular`;
    problems.push({ rule: 'kind-lower-case-singular', severity: 'error', message, layer });
  }
  return problems;
}
