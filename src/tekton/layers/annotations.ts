/** The annotations of a layer that the cluster's resolver uses to find an object, in the order they are written. */
export const objectAnnotations = {
  /** The version alone, without its group. */
  apiVersion: 'dev.tekton.image.apiVersion',
  /** In lower case, singular. */
  kind: 'dev.tekton.image.kind',
  name: 'dev.tekton.image.name',
} as const;
