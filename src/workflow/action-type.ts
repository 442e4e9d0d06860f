import type { ActionTypeDeclaration, Description } from './declaration.js';

/** The document of an action that workflows may name; keys are in the order in which they are written. */
export interface ActionType {
  readonly apiVersion: 'kubernaut.ai/v1alpha1';
  readonly kind: 'ActionType';
  readonly metadata: { readonly name: string };
  readonly spec: {
    /** In PascalCase; what `spec.actionType` of a RemediationWorkflow names. */
    readonly name: string;
    readonly description: Description & { readonly whenToUse: string };
  };
}

/**
 * The ActionType document of a declared action.
 *
 * @example
 * ```ts
 * import { toActionType } from 'tekton-bundles/workflow';
 *
 * const { metadata } = toActionType({ name: 'RestartPod', description: { what: 'Restarts a pod', whenToUse: 'It hangs' } });
 * console.log(metadata.name); // restart-pod
 * ```
 */
export function toActionType({ name, description }: ActionTypeDeclaration): ActionType {
  const { what, whenToUse, whenNotToUse, preconditions } = description;
  return {
    apiVersion: 'kubernaut.ai/v1alpha1',
    kind: 'ActionType',
    metadata: { name: actionTypeObjectName(name) },
    spec: {
      name,
      description: {
        what,
        whenToUse,
        ...(whenNotToUse === undefined ? {} : { whenNotToUse }),
        ...(preconditions === undefined ? {} : { preconditions }),
      },
    },
  };
}

/** The Kubernetes name of an action's object: `RestartPod` becomes `restart-pod`, `ScaleHPANow` `scale-hpa-now`. */
export function actionTypeObjectName(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}
