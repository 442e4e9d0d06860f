/** What a finding means: a cluster or a build refuses the object, or the object is likely not what its author meant. */
export type Severity = 'error' | 'warning';

/** A rule: its default severity and what it finds. */
export interface LintRule {
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly summary: string;
  /** True where nothing can be built, so that no comment and no setting can hide it. */
  readonly fatal?: true;
  /** True where the rule has to be enabled. */
  readonly off?: true;
}

const error = (summary: string): LintRule => ({ severity: 'error', summary });
const fatal = (summary: string): LintRule => ({ severity: 'error', summary, fatal: true });
const warning = (summary: string): LintRule => ({ severity: 'warning', summary });
const off = (summary: string): LintRule => ({ severity: 'warning', summary, off: true });

/**
 * Every rule by its name; names are stable. A rule that means the same as one of @ibm/tekton-lint has its name.
 *
 * @example
 * ```ts
 * import { lintRules } from 'tekton-bundles/lint';
 *
 * console.log(lintRules['no-missing-steps'].severity, lintRules['unpinned-image'].severity); // error warning
 * ```
 */
export const lintRules = {
  // reading
  'invalid-yaml': fatal('Text that is not YAML or JSON as Kubernetes reads it'),
  'invalid-object': fatal(
    'A document that Tekton cannot decode: an unknown kind, no name, or a value of the wrong type',
  ),
  // a bundle as a whole
  'no-duplicate-resource': fatal('Two objects with the same kind and name in one bundle'),
  'too-many-objects': fatal("More than the 20 objects that Tekton's resolver accepts"),
  'empty-bundle': fatal('A bundle without objects'),
  // what Tekton's webhook refuses
  'no-invalid-name': error('A name that Kubernetes does not accept'),
  'no-missing-steps': error('A Task without steps'),
  'no-invalid-step-name': error('A step name that is not a DNS label'),
  'no-duplicate-step': error('Two steps with the same name'),
  'no-missing-image': error('A step, sidecar or StepAction without an image'),
  'no-invalid-step-ref': error(
    'A field beside ref that the StepAction defines itself, or params without ref',
  ),
  'no-unmergeable-step': error('A list in a step that Tekton cannot merge with the one in stepTemplate'),
  'no-script-with-command': error('Both script and command'),
  'no-invalid-on-error': error(
    'onError that is neither continue nor stopAndFail, or continue beside retries',
  ),
  'no-negative-timeout': error('A timeout below 0'),
  'no-reserved-mount': error('A mount path that Tekton reserves'),
  'no-reserved-sidecar': error('A sidecar name that Tekton reserves'),
  'no-duplicate-volume': error('Two volumes with the same name'),
  'no-invalid-param-name': error('The name of a param or key that no variable can refer to'),
  'no-duplicate-param': error('A param declared or given twice'),
  'no-invalid-param-type': error('A param whose type does not exist or does not fit its default'),
  'no-invalid-param-enum': error('An enum that does not fit its param'),
  'no-undefined-param': error('A reference to a param, or to a key of one, that is not declared'),
  'no-missing-param-value': error('A param or result that is passed without a value'),
  'no-param-cycle': error('A param default in a v1alpha1 StepAction that refers back to itself'),
  'no-invalid-param-use': error('A whole array or object where a string is required'),
  'no-invalid-reference': error('A variable with more than two names after its prefix'),
  'no-undefined-context': error('A context variable that does not exist'),
  'no-unknown-variable': error('A variable with a prefix that Tekton does not know'),
  'no-invalid-result': error('A result with an invalid name, type or value'),
  'no-undefined-result': error('A script that refers to a result that is not declared'),
  'no-misplaced-step-result': error('A step result or artifact where Tekton does not replace it'),
  'no-duplicate-workspace': error('A workspace declared or given twice'),
  'no-duplicate-mount-path': error('Two mounts at the same path'),
  'no-invalid-workspace': error('A workspace without a name'),
  'no-missing-workspace': error('A reference to a workspace that is not declared'),
  'no-empty-pipeline': error('A Pipeline without tasks'),
  'no-invalid-task-name': error('A pipeline task name that is not a DNS label'),
  'no-duplicate-task': error('Two pipeline tasks with the same name'),
  'no-ambiguous-task': error('A pipeline task with both or neither of taskRef and taskSpec'),
  'no-invalid-custom-task': error('A custom task without kind or apiVersion, or with steps'),
  'no-invalid-ref': error('A reference that is neither a name alone nor a resolver with params'),
  'no-removed-field': error('A field of v1beta1 that Tekton has removed'),
  'no-pipeline-task-cycle': error('Tasks that wait for each other'),
  'no-pipeline-missing-task': error('runAfter or a result that names a task the pipeline does not have'),
  'no-invalid-finally': error('runAfter in finally, or a result that finally cannot have'),
  'no-misplaced-status': error('A task status outside finally, or of a task that does not exist'),
  'no-invalid-pipeline-result': error('A pipeline result that does not consist of task results'),
  'no-child-pipeline-result': error('A result of a pipeline inside a pipeline'),
  'no-invalid-when': error('A when expression that is incomplete'),
  'no-invalid-matrix': error('A matrix that is too large, or params and results that it does not allow'),
  'no-param-in-script': error('A param in the script of a StepAction'),
  'no-fixed-volume': error('A volume of a StepAction that is not a param'),
  'no-disabled-feature': error('A field that needs a feature flag the cluster does not have'),
  // beyond Tekton
  'null-document': warning('An empty document between objects'),
  'ignored-text': warning('Text after the end of a document'),
  'duplicate-key': warning('A duplicate key in a mapping: the last one takes effect'),
  'unquoted-value': warning('A value that YAML reads as another type than it appears to be'),
  'unknown-field': warning('A field that Tekton does not know and drops'),
  'run-in-bundle': warning('An object of a kind that no resolver fetches'),
  'large-object': warning('An object close to the size limit of a cluster'),
  'no-latest-image': warning('An image without a tag, or with the tag latest'),
  'unpinned-image': warning('An image without a digest'),
  'unpinned-bundle': warning('A reference with the bundles resolver without a digest'),
  'no-invalid-bundle-ref': warning('A reference with the bundles resolver whose params are invalid'),
  'no-local-ref': warning('A reference by name alone to an object of the same bundle'),
  'non-root': off('A step that may run as root'),
  'no-unused-param': warning('A param that nothing uses'),
  'no-undefined-volume': warning('A mount of a volume that is not declared'),
  'no-duplicate-env': warning('A variable defined twice in the env of one step'),
  'no-unfilled-context': warning('A context variable that Tekton neither replaces nor refuses here'),
  'refused-signature': warning(
    'A signature inside an object that clusters refuse, or that does not cover all of it',
  ),
  // what bundles.yaml declares of a bundle
  'version-mismatch': warning('A declared version that differs from the tag'),
  'missing-annotation': warning(
    'A bundle without an annotation or label that a consumer in lint.for requires, or with an invalid one',
  ),
  'unknown-rule': warning('A comment that names an unknown rule'),
} as const satisfies Readonly<Record<string, LintRule>>;

/** The names of the rules. */
export type RuleName = keyof typeof lintRules;

export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(lintRules, name);
}
