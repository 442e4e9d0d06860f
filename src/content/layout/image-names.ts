import type { Descriptor } from '../../oci/descriptor.js';
import type { Digest } from '../../oci/digest.js';
import { formatReference, parseReference } from '../../oci/reference.js';
import { isTag } from '../../oci/repository-name.js';
import type { LayoutEntry } from './layout-entries.js';

export const refNameAnnotation = 'org.opencontainers.image.ref.name';
/** Where containerd, docker and podman look for the whole name of an image. */
export const wholeNameAnnotation = 'io.containerd.image.name';

/** The names under which an archive's images are found. */
export interface ImageNames {
  /** A tag that two images have in different repositories is left out. */
  readonly byTag: ReadonlyMap<string, Descriptor>;
  /** By whole name, as `sameName` spells it. */
  readonly byName: ReadonlyMap<string, Descriptor>;
}

/** The names that entries of an index.json bear: skopeo writes tags or whole names, containerd and docker both. */
export function nameImages(entries: readonly LayoutEntry[]): ImageNames {
  const named = entries.flatMap(({ mediaType, digest, size, annotations }) =>
    [annotations?.[refNameAnnotation], annotations?.[wholeNameAnnotation]]
      .filter((name) => name !== undefined)
      .map((name) => ({ name, descriptor: Object.freeze({ mediaType, digest, size }) })),
  );
  return collectNames(named);
}

/** Plain tags come before those of whole names; of two images with one name the first has it. */
export function collectNames(
  named: readonly { readonly name: string; readonly descriptor: Descriptor }[],
): ImageNames {
  const byTag = new Map<string, Descriptor>();
  const byName = new Map<string, Descriptor>();
  const claims = new Map<string, Set<Digest>>();
  for (const { name, descriptor } of named) {
    if (isTag(name)) {
      if (!byTag.has(name)) byTag.set(name, descriptor);
      continue;
    }
    const whole = sameName(name);
    if (byName.has(whole)) continue;
    byName.set(whole, descriptor);
    const tag = tagOf(whole);
    if (tag !== undefined) claims.set(tag, (claims.get(tag) ?? new Set()).add(descriptor.digest));
  }
  for (const [name, descriptor] of byName) {
    const tag = tagOf(name);
    if (tag !== undefined && claims.get(tag)?.size === 1 && !byTag.has(tag)) byTag.set(tag, descriptor);
  }
  return { byTag, byName };
}

/** One spelling for `busybox:1` and `docker.io/library/busybox:1`; what is not a reference stays as it is. */
export function sameName(name: string): string {
  try {
    return formatReference(parseReference(name));
  } catch {
    return name;
  }
}

function tagOf(name: string): string | undefined {
  try {
    return parseReference(name).tag;
  } catch {
    return undefined;
  }
}
