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
