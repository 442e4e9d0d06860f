import type { LoadedBundle } from './load-bundle.js';
import type { ObjectDiff } from './object-diff.js';

export interface DiffNotesRequest {
  readonly left: LoadedBundle;
  readonly right: LoadedBundle;
  readonly objects: readonly ObjectDiff[];
  /** False where one side is bare files: only objects are spoken of then. */
  readonly isWhole: boolean;
}

/** What differs between two bundles and changes nothing of what they mean. */
export function diffNotes({ left, right, objects, isWhole }: DiffNotesRequest): string[] {
  const notes: string[] = [];
  const same = objects.filter(({ change }) => change === 'same');
  const reformatted = same.filter((object) => object.left?.diffId !== object.right?.diffId);
  for (const { kind, name } of reformatted)
    notes.push(`${kind} ${name} is written in other bytes, with the same values`);
  if (!isWhole) return notes;
  const recompressed = same.filter(
    (object) => object.left?.diffId === object.right?.diffId && object.left?.layer !== object.right?.layer,
  );
  if (recompressed.length > 0) {
    notes.push(
      `the layers are compressed otherwise: ${recompressed.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`,
    );
  }
  const order = (bundle: LoadedBundle, side: 'left' | 'right') =>
    bundle.objects
      .map(({ layer }) => same.findIndex((object) => object[side]?.layer === layer.digest))
      .filter((index) => index >= 0)
      .join();
  if (order(left, 'left') !== order(right, 'right')) notes.push('the objects stand in another order');
  const pair = (what: string, one: string | undefined, other: string | undefined) => {
    if (one !== other) notes.push(`${what}: ${one ?? 'none'} on the left, ${other ?? 'none'} on the right`);
  };
  pair('created', left.config.created, right.config.created);
  pair('media type', left.manifest.mediaType, right.manifest.mediaType);
  pair('platform', platform(left), platform(right));
  if (left.digest !== right.digest && notes.length === 0 && objects.length === same.length) {
    notes.push('manifest or config are written in other bytes');
  }
  return notes;
}

function platform({ config: { os, architecture } }: LoadedBundle): string {
  return os === '' && architecture === '' ? 'none' : `${os}/${architecture}`;
}
