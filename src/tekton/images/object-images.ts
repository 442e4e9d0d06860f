import type { Digest } from '../../oci/digest.js';
import { valueAt } from '../objects/field-path.js';
import { contentOf, type StoredObject } from '../objects/object-part.js';
import { referencePaths } from './image-paths.js';
import { readStepImage } from './step-image.js';

/** The images and bundles that objects pin by tag and digest: the digest of each name, sorted by name. */
export function pinnedImages(objects: readonly StoredObject[]): ReadonlyMap<string, Digest> {
  const images = new Map<string, Digest>();
  for (const object of objects) {
    const { json } = object;
    // Most objects pin nothing.
    if (!Buffer.from(json.buffer, json.byteOffset, json.length).includes('@sha256:')) continue;
    const value = contentOf(object);
    for (const path of referencePaths(value)) {
      const image = readStepImage(String(valueAt(value, path)));
      if (image.form !== 'digest' || image.name === undefined || images.has(image.name)) continue;
      if (image.digest.startsWith('sha256:')) images.set(image.name, image.digest);
    }
  }
  return new Map([...images].sort(([left], [right]) => (left < right ? -1 : 1)));
}
