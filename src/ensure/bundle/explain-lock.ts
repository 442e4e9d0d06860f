import type { Bundle } from '../../bundle/build-bundle.js';
import type { CauseName, DigestCause } from '../../bundle/explain/digest-cause.js';
import type { ChainLink } from '../../bundle/explain/digest-chain.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { ObjectOrigin } from '../../tekton/objects/object.js';

/**
 * Why a bundle that was built from its sources has another digest than the lock. A lock knows the diffId of each
 * object, not its content, annotations or labels.
 */
export function explainLock(
  { bundle, origins }: { readonly bundle: Bundle; readonly origins: readonly ObjectOrigin[] },
  entry: LockEntry,
): DigestCause[] {
  if (bundle.digest === entry.digest) return [];
  const causes: DigestCause[] = [];
  const title = ({ kind, name }: { readonly kind: string; readonly name: string }) => `${kind} ${name}`;
  const locked = new Map(entry.objects.map((object) => [title(object), object]));
  for (const [place, object] of bundle.objects.entries()) {
    const about = { object: title(object), file: origins[place]?.file ?? null };
    const before = locked.get(about.object);
    locked.delete(about.object);
    const from = about.file === null ? '' : ` (${about.file})`;
    if (!before) {
      causes.push(
        because('document', 'object-added', {
          ...about,
          here: 'it',
          there: 'nothing',
          message: `${about.object}${from} is new since the lock was written`,
        }),
      );
    } else if (before.diffId !== object.diffId) {
      const message = `${about.object}${from} changed since the lock was written`;
      causes.push(
        because('json', 'content-changed', { ...about, here: object.diffId, there: before.diffId, message }),
      );
    }
  }
  for (const object of locked.keys()) {
    const message = `${object} is in the lock and no longer in the sources`;
    causes.push(
      because('document', 'object-removed', { object, file: null, here: 'nothing', there: 'it', message }),
    );
  }
  const unlocated = { object: null, file: null };
  const [here, there] = [bundle.objects.map(title).join(', '), entry.objects.map(title).join(', ')];
  if (causes.length === 0 && here !== there) {
    const message =
      'the same objects are in another order than in the lock: layers follow the sha256 of whole files, so a comment or a line end that changed in one file moves its objects';
    causes.unshift(because('file', 'object-order', { ...unlocated, here, there, message }));
  }
  if (bundle.created !== entry.created) {
    const message = `the created time differs: here ${bundle.created}, in the lock ${entry.created}`;
    causes.push(
      because('config', 'created', { ...unlocated, here: bundle.created, there: entry.created, message }),
    );
  }
  if (causes.length > 0) return causes;
  const message =
    'objects and created time are those of the lock: annotations or labels in bundles.yaml changed, or the lock pins bytes of another program (diff and explain --against REFERENCE give details)';
  return [
    because('manifest', 'declaration', { ...unlocated, here: bundle.digest, there: entry.digest, message }),
  ];
}

function because(link: ChainLink, cause: CauseName, rest: Omit<DigestCause, 'link' | 'cause'>): DigestCause {
  return { link, cause, ...rest };
}
