/** What a rule's findings mean: a cluster or a build refuses the object, or something is likely not what was meant. */
export type Severity = 'error' | 'warning';

export interface LintRule {
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly summary: string;
  /** True where nothing can be built, so that no comment and no setting can hide it. */
  readonly fatal?: true;
  /** True where it is reported only if somebody asks for it. */
  readonly off?: true;
}

const error = (summary: string): LintRule => ({ severity: 'error', summary });
const fatal = (summary: string): LintRule => ({ severity: 'error', summary, fatal: true });
const warning = (summary: string): LintRule => ({ severity: 'warning', summary });
const off = (summary: string): LintRule => ({ severity: 'warning', summary, off: true });

/** Every rule by its name; names are API. Those that mean the same as one of @ibm/tekton-lint have its name. */
export const lintRules = {
  // reading
  'invalid-yaml': fatal('Text that is not YAML or JSON as Kubernetes reads it'),
  'invalid-object': fatal(
    'A document that Tekton cannot decode: no known kind, no name, or a value of a wrong type',
  ),
  // a bundle as a whole
  'no-duplicate-resource': fatal('Two objects of one kind and name in a bundle'),
  'too-many-objects': fatal("More objects than the 20 that Tekton's resolver takes"),
  'empty-bundle': fatal('A bundle without any object'),
  // what Tekton's webhook refuses
  'no-invalid-name': error('A name that Kubernetes does not take'),
  'no-missing-steps': error('A Task without steps'),
  'no-invalid-step-name': error('A name of a step that is no DNS label'),
  'no-duplicate-step': error('Two steps of one name'),
  'no-missing-image': error('A step, sidecar or StepAction without an image'),
  'no-invalid-step-ref': error('Fields beside ref that the StepAction brings itself, or params without ref'),
  'no-unmergeable-step': error('A list of a step that Tekton cannot merge with that of stepTemplate'),
  'no-script-with-command': error('script beside command'),
  'no-invalid-on-error': error(
    'onError that is neither continue nor stopAndFail, or continue beside retries',
  ),
  'no-negative-timeout': error('A timeout below 0'),
  'no-reserved-mount': error('A mount that Tekton keeps for itself'),
  'no-reserved-sidecar': error('A name of a sidecar that Tekton keeps for itself'),
  'no-duplicate-volume': error('Two volumes of one name'),
  'no-invalid-param-name': error('A name of a param or a key that cannot be referred to'),
  'no-duplicate-param': error('A param declared or given twice'),
  'no-invalid-param-type': error('A param whose type does not exist or does not fit its default'),
  'no-invalid-param-enum': error('An enum that does not fit its param'),
  'no-undefined-param': error('The use of a param, or a key of one, that is not declared'),
  'no-missing-param-value': error('A param or result that is passed without a value'),
  'no-param-cycle': error('A default of a param of a v1alpha1 StepAction that leads back to itself'),
  'no-invalid-param-use': error('A whole array or object where a string has to stand'),
  'no-invalid-reference': error('A reference with more than two names behind its prefix'),
  'no-undefined-context': error('A context variable that does not exist'),
  'no-unknown-variable': error('A variable that starts with nothing Tekton knows'),
  'no-invalid-result': error('A result whose name, type or value is wrong'),
  'no-undefined-result': error('The use of a result in a script that is not declared'),
  'no-misplaced-step-result': error('The result or artifact of a step where it is not filled in'),
  'no-duplicate-workspace': error('A workspace declared or given twice'),
  'no-duplicate-mount-path': error('Two things mounted at one path'),
  'no-invalid-workspace': error('A workspace without a name'),
  'no-missing-workspace': error('The use of a workspace that is not declared'),
  'no-empty-pipeline': error('A Pipeline without tasks'),
  'no-invalid-task-name': error('A name of a pipeline task that is no DNS label'),
  'no-duplicate-task': error('Two pipeline tasks of one name'),
  'no-ambiguous-task': error('Not exactly one of taskRef and taskSpec'),
  'no-invalid-custom-task': error('A custom task without kind or apiVersion, or steps with them'),
  'no-invalid-ref': error('A reference that is not a name alone or a resolver with params'),
  'no-removed-field': error('A field of v1beta1 that Tekton has removed'),
  'no-pipeline-task-cycle': error('Tasks that wait for each other'),
  'no-pipeline-missing-task': error('runAfter or a result that names no task of the pipeline'),
  'no-invalid-finally': error('runAfter in finally, or a result that finally cannot have'),
  'no-misplaced-status': error('The status of a task outside finally, or of a task that does not exist'),
  'no-invalid-pipeline-result': error('A result of a pipeline that is not made of results of its tasks'),
  'no-child-pipeline-result': error('A result of a pipeline inside a pipeline'),
  'no-invalid-when': error('A when expression that is incomplete'),
  'no-invalid-matrix': error('A matrix that is too large, or params and results that do not go with it'),
  'no-param-in-script': error('A param in the script of a StepAction'),
  'no-fixed-volume': error('A volume of a StepAction that is no param'),
  'no-disabled-feature': error('A field that needs a feature flag of the cluster'),
  // beyond Tekton
  'null-document': warning('An empty document between objects'),
  'ignored-text': warning("Text behind a document's end"),
  'duplicate-key': warning('A key twice in one mapping: the last one wins'),
  'unquoted-value': warning('A value that YAML reads as something else than is written'),
  'unknown-field': warning('A field that Tekton does not know and drops'),
  'run-in-bundle': warning('An object that no resolver looks for'),
  'large-object': warning('An object that is close to what a cluster stores'),
  'no-latest-image': warning('An image without a tag, or with the tag latest'),
  'unpinned-image': warning('An image without a digest'),
  'unpinned-bundle': warning('A bundle for the resolver bundles without a digest'),
  'no-invalid-bundle-ref': warning('A reference with the resolver bundles whose params it cannot understand'),
  'no-local-ref': warning('A reference by name alone to an object of the same bundle'),
  'non-root': off('A step that may run as root'),
  'no-unused-param': warning('A param that nothing uses'),
  'no-undefined-volume': warning('A mount of a volume that is not declared'),
  'no-duplicate-env': warning('A variable twice in the env of one step'),
  'no-unfilled-context': warning('A context variable that Tekton neither knows nor refuses here'),
  'refused-signature': warning(
    'A signature inside an object that clusters refuse, or that does not cover all of it',
  ),
  // what bundles.yaml declares of a bundle
  'version-mismatch': warning('A declared version that is not that of the tag'),
  'missing-annotation': warning(
    'A bundle without an annotation or label that a reader of lint.for wants, or with one that it cannot read',
  ),
  'unknown-rule': warning('A comment that names a rule which does not exist'),
} as const satisfies Readonly<Record<string, LintRule>>;

export type RuleName = keyof typeof lintRules;

export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(lintRules, name);
}
