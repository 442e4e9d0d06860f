import { mapDifference } from '../compare/difference.js';
import { identityOf, pairObjects } from '../compare/object-diff.js';
import type { LoadedBundle } from '../load-bundle.js';
import type { CauseName, DigestCause } from './digest-cause.js';

/** Compares two manifests, and the indexes around them: their fields and their layers' descriptors. */
export function explainManifest(ours: LoadedBundle, theirs: LoadedBundle): DigestCause[] {
  const causes: DigestCause[] = [];
  const { annotations } = ours.manifest;
  for (const found of mapDifference('annotations', annotations, theirs.manifest.annotations)) {
    const message = `an annotation of the manifest differs: here ${found.ours}, there ${found.theirs}`;
    causes.push(because('annotation', { here: found.ours, there: found.theirs, message }));
  }
  causes.push(...explainLayers(ours, theirs));
  const [one, other] = [dialect(ours), dialect(theirs)];
  if (one !== other) {
    const message = `the media types differ: here ${one}, there ${other}; the digest of the same layers is another one then`;
    causes.push(because('media-types', { here: one, there: other, message }));
  }
  const [own, foreign] = [others(ours), others(theirs)];
  if (own !== foreign) {
    const message = `other content of the manifest differs: here ${own}, there ${foreign}`;
    causes.push(because('manifest-other', { here: own, there: foreign, message }));
  }
  if (ours.index !== theirs.index) {
    const [here, there] = [ours.index ?? 'no index', theirs.index ?? 'no index'];
    const message = `the manifest is in an index: here ${here}, there ${there}`;
    causes.push({ ...because('index', { here, there, message }), link: 'index' });
  }
  return causes;
}

function explainLayers(ours: LoadedBundle, theirs: LoadedBundle): DigestCause[] {
  return pairObjects(ours.objects, theirs.objects).flatMap(({ left, right }) => {
    if (!left || !right) return [];
    const { kind, name } = identityOf(left);
    const object = `${kind} ${name}`.trim();
    return mapDifference(
      'layer-annotations',
      left.layer.annotations ?? {},
      right.layer.annotations ?? {},
    ).map((found) => {
      const message = `an annotation of the layer of ${object} differs: here ${found.ours}, there ${found.theirs}`;
      const cause = because('layer-annotation', { here: found.ours, there: found.theirs, message });
      return { ...cause, object };
    });
  });
}

/** All media types, each once. */
function dialect({ manifest }: LoadedBundle): string {
  const types = [
    manifest.mediaType,
    manifest.config.mediaType,
    ...manifest.layers.map((layer) => layer.mediaType),
  ];
  return [...new Set(types)].join(', ');
}

function others({ manifest: { artifactType, subject } }: LoadedBundle): string {
  const parts = [artifactType && `artifactType ${artifactType}`, subject && `subject ${subject.digest}`];
  return parts.filter(Boolean).join(', ') || 'nothing';
}

function because(
  cause: CauseName,
  { here, there, message }: Pick<DigestCause, 'here' | 'there' | 'message'>,
): DigestCause {
  return { link: 'manifest', cause, object: null, file: null, here, there, message };
}
