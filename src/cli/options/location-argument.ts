/** How help texts describe where a bundle is; docs/commands.md says more. */
export const locationArgument =
  'registry/repository with a tag or a digest, oci:DIRECTORY[:tag], oci-archive:FILE[:tag] or docker-archive:FILE[:tag]';
