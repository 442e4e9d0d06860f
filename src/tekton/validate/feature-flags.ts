/** Which fields a cluster takes, as its `feature-flags` ConfigMap states; the defaults are what Tekton ships. */
export interface FeatureFlags {
  /** `enable-api-fields`. Default `beta`. */
  readonly apiFields?: ApiFields;
  /** Flags of single features that are `"true"`. Default: none. */
  readonly features?: readonly Feature[];
}

export const apiFieldChoices = ['stable', 'beta', 'alpha'] as const;
/** The value of Tekton's `enable-api-fields`. */
export type ApiFields = (typeof apiFieldChoices)[number];

export const featureChoices = [
  'enable-artifacts',
  'enable-cel-in-whenexpression',
  'enable-concise-resolver-syntax',
  'enable-param-enum',
] as const;
/** A feature of Tekton that has its own flag. */
export type Feature = (typeof featureChoices)[number];

/** True where fields of that stability are taken. */
export function takes({ apiFields = 'beta' }: FeatureFlags, wanted: ApiFields): boolean {
  return apiFieldChoices.indexOf(apiFields) >= apiFieldChoices.indexOf(wanted);
}

export function isOn({ features = [] }: FeatureFlags, feature: Feature): boolean {
  return features.includes(feature);
}
