import type { ImageConfig } from '../oci/image-config.js';
import { readCreated } from './created-time.js';
import type { BundleDifference } from './difference.js';
import { mapDifference } from './map-difference.js';

/** Everything two configs say. Their diff ids must be equal too: content that is equal needs equal claims. */
export function compareConfig(ours: ImageConfig, theirs: ImageConfig): BundleDifference[] {
  const differences = mapDifference('labels', ours.labels, theirs.labels);
  const claims = [ours.diffIds.join(' '), theirs.diffIds.join(' ')] as const;
  if (claims[0] !== claims[1]) differences.push({ what: 'diff-ids', ours: claims[0], theirs: claims[1] });
  const platforms = [platform(ours), platform(theirs)] as const;
  if (platforms[0] !== platforms[1])
    differences.push({ what: 'config', ours: platforms[0], theirs: platforms[1] });
  if (theirs.others.length > 0)
    differences.push({ what: 'config', ours: '', theirs: theirs.others.join(', ') });
  if (ours.created !== theirs.created)
    differences.push(createdDifference(ours.created ?? '', theirs.created ?? ''));
  const histories = [history(ours), history(theirs)] as const;
  if (histories[0] !== histories[1])
    differences.push({ what: 'history', ours: histories[0], theirs: histories[1] });
  return differences;
}

function createdDifference(ours: string, theirs: string): BundleDifference {
  const [here, there] = [readCreated(ours), readCreated(theirs)];
  const sameMoment = here !== undefined && here.milliseconds === there?.milliseconds;
  return { what: 'created', ours, theirs, ...(sameMoment ? { zone: there.zone } : {}) };
}

function platform({ os, architecture }: ImageConfig): string {
  return `platform ${JSON.stringify(`${os}/${architecture}`)}`;
}

function history({ history }: ImageConfig): string {
  return `${history.length} entries${history.length === 0 ? '' : ` of ${[...new Set(history)].join(', ')}`}`;
}
