/** Tekton's resolver refuses bundles with more layers. */
export const MOST_OBJECTS = 20;
