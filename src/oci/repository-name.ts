const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repository = new RegExp(`^${component}(?:/${component})*$`);
const tag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** A repository's path inside its registry, at most 255 characters (distribution-spec, "Pulling manifests"). */
export function isRepository(text: string): boolean {
  return text.length <= 255 && repository.test(text);
}

/** A tag as registries accept it; also safe as a file name. */
export function isTag(text: string): boolean {
  return tag.test(text);
}

const nameComponent = '[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*';
const layoutName = new RegExp(`^${nameComponent}(?:/${nameComponent})*$`);

/**
 * What skopeo and podman write as an image's name into a layout: a tag, or a name such as `hello:8.3`, `acme/hello` or
 * `hello@1.0`.
 */
export function isLayoutName(text: string): boolean {
  return isTag(text) || (text.length <= 512 && layoutName.test(text));
}

/**
 * Why tkn and the bundles resolver could not name a repository that registries accept; undefined where they can. Their
 * library wants at least two characters.
 */
export function unnameable(path: string): string | undefined {
  return path.length < 2
    ? 'tkn and the bundles resolver of a cluster want a repository of at least two characters'
    : undefined;
}
