import type { ImageLayers } from './engine.js';

/**
 * What the removal of images frees, one after the other: the layers that no image left over has. With an image go those
 * without a name that it alone was made from, as engines do it. Undefined where the sizes of such layers are not known.
 */
export function freedBytes(
  all: ReadonlyMap<string, ImageLayers>,
  removed: readonly string[],
): readonly (number | undefined)[] {
  // A layer is stored once for all images that have it over the same layers.
  const numbers = new Map<string, number>();
  const chains = ({ layers }: ImageLayers) => {
    let below = -1;
    return layers.map((layer) => {
      const key = `${below} ${layer}`;
      below = numbers.get(key) ?? numbers.size;
      numbers.set(key, below);
      return below;
    });
  };
  const users = new Map<number, number>();
  const children = new Map<string, number>();
  const left = new Map(all);
  const sizes = new Map<number, number>();
  for (const image of all.values()) {
    for (const [index, chain] of chains(image).entries()) {
      users.set(chain, (users.get(chain) ?? 0) + 1);
      const size = image.sizes?.[index];
      if (size !== undefined) sizes.set(chain, size);
    }
    if (image.parent !== '') children.set(image.parent, (children.get(image.parent) ?? 0) + 1);
  }
  const remove = (id: string): number | undefined => {
    const image = left.get(id);
    if (image === undefined) return undefined;
    left.delete(id);
    let freed: number | undefined = 0;
    for (const chain of chains(image)) {
      const count = (users.get(chain) ?? 1) - 1;
      users.set(chain, count);
      const size = sizes.get(chain);
      if (count === 0) freed = freed === undefined || size === undefined ? undefined : freed + size;
    }
    const siblings = (children.get(image.parent) ?? 1) - 1;
    children.set(image.parent, siblings);
    const parent = left.get(image.parent);
    if (parent === undefined || parent.named || siblings > 0) return freed;
    const more = remove(image.parent);
    return freed === undefined || more === undefined ? undefined : freed + more;
  };
  return removed.map((id) => remove(id));
}
