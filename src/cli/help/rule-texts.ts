import type { RuleName } from '../../tekton/lint/rules/rules.js';

/** What the reference and `lint --explain RULE` add to the summary of a rule, in Markdown; links are relative to docs/. */
export interface RuleText {
  /** The numbers of the rule in Tekton's own order, or T where Tekton checks it without a number. */
  readonly tekton?: string;
  /** What breaks the rule. */
  readonly example: string;
  /** What to write instead. */
  readonly instead: string;
}

/** One for each rule; `npm run reference` writes docs/reference/lint-errors.md and lint-warnings.md from here. */
export const ruleTexts: Readonly<Record<RuleName, RuleText>> = {
  'invalid-yaml': {
    example: '`steps: [`',
    instead: 'YAML that go-yaml accepts, see [how sources are read](explanation/yaml.md)',
  },
  'invalid-object': {
    tekton: 'T',
    example: '`image: 3.11`, `kind: ConfigMap`',
    instead: 'a Tekton kind with a name; quotes around text',
  },
  'no-duplicate-resource': {
    example: 'two Tasks `build` in one bundle',
    instead: 'a different name for each',
  },
  'too-many-objects': {
    example: '21 objects in one bundle',
    instead: 'several bundles',
  },
  'empty-bundle': {
    example: 'files with comments only',
    instead: 'at least one object',
  },
  'no-invalid-name': {
    tekton: '1',
    example: '`metadata: {name: Build}`',
    instead: '`build`; at most 63 characters',
  },
  'no-missing-steps': {
    tekton: '2',
    example: '`spec: {steps: []}`',
    instead: 'at least one step',
  },
  'no-invalid-step-name': {
    tekton: '3',
    example: '`name: a.b`',
    instead: '`name: a-b`',
  },
  'no-duplicate-step': {
    tekton: '3',
    example: 'two steps `name: a`',
    instead: 'a different name for each',
  },
  'no-missing-image': {
    tekton: '4, 33',
    example: '`- script: make`',
    instead: '`image:` in the step or in stepTemplate',
  },
  'no-invalid-step-ref': {
    tekton: '4',
    example: '`ref: {name: x}` beside `image:`',
    instead: 'omit what the StepAction defines; params only with ref',
  },
  'no-script-with-command': {
    tekton: '5, 33',
    example: '`script:` beside `command:`',
    instead: 'one of the two; the command may come from stepTemplate',
  },
  'no-invalid-on-error': {
    tekton: '6, 23',
    example: '`onError: ignore`; `continue` with `retries: 1`',
    instead: '`continue` or `stopAndFail`',
  },
  'no-negative-timeout': {
    tekton: '7',
    example: '`timeout: -1s`',
    instead: '0 or more',
  },
  'no-reserved-mount': {
    tekton: '8',
    example: '`mountPath: /tekton/run`',
    instead: 'any other path, or `/tekton/home`',
  },
  'no-duplicate-volume': {
    tekton: '9',
    example: 'two volumes `name: v`',
    instead: 'a different name for each',
  },
  'no-invalid-param-name': {
    tekton: '10',
    example: '`name: 1st`',
    instead: 'begin with a letter or `_`; no dots in object params and keys',
  },
  'no-duplicate-param': {
    tekton: '10, 30, 32',
    example: 'two params `name: a`',
    instead: 'each once',
  },
  'no-invalid-param-type': {
    tekton: '11',
    example: '`type: array` with `default: x` or `default: [1]`',
    instead: 'a default of that type: `["1"]`',
  },
  'no-undefined-param': {
    tekton: '12, 21, 31',
    example: '`$(params.b)` where `a` is declared',
    instead: 'declare it, or correct the name',
  },
  'no-invalid-param-use': {
    tekton: '13, 31',
    example: '`script: $(params.list[*])`',
    instead: '`args: ["$(params.list[*])"]`, `$(params.list[0])`, `$(params.object.key)`',
  },
  'no-undefined-context': {
    tekton: '14',
    example: '`$(context.taskRun.id)`',
    instead: '`name`, `namespace`, `uid`',
  },
  'no-invalid-result': {
    tekton: '15',
    example: '`results: [{name: r-}]`',
    instead: 'letters and digits at both ends; `value: $(steps.S.results.R)`',
  },
  'no-undefined-result': {
    tekton: '16',
    example: '`$(results.r.path)` without the result `r`',
    instead: 'declare it',
  },
  'no-duplicate-workspace': {
    tekton: '17, 24',
    example: 'two workspaces `name: w`',
    instead: 'each once',
  },
  'no-duplicate-mount-path': {
    tekton: '17',
    example: 'a workspace and a volume at `/data`',
    instead: 'two paths',
  },
  'no-missing-workspace': {
    tekton: '17, 24',
    example: '`workspaces: [{name: w}]` in a step or task alone',
    instead: 'declare it in the Task or Pipeline',
  },
  'no-empty-pipeline': {
    tekton: '18',
    example: '`finally:` without `tasks:`',
    instead: 'at least one task',
  },
  'no-invalid-task-name': {
    tekton: '19',
    example: '`name: a.b`',
    instead: '`name: a-b`',
  },
  'no-duplicate-task': {
    tekton: '19',
    example: '`a` in tasks and in finally',
    instead: 'a different name for each',
  },
  'no-ambiguous-task': {
    tekton: '20',
    example: '`taskRef:` beside `taskSpec:`',
    instead: 'exactly one of them',
  },
  'no-invalid-custom-task': {
    tekton: '21',
    example: '`taskRef: {kind: ClusterTask}`; `kind:` beside `steps:`',
    instead: 'apiVersion GROUP/VERSION and kind, or a resolver',
  },
  'no-invalid-ref': {
    tekton: '22',
    example: '`taskRef: {name: x, params: []}`',
    instead: 'a name, or a resolver with params',
  },
  'no-invalid-workspace': {
    tekton: '24',
    example: '`workspaces: [{description: x}]`',
    instead: 'a name',
  },
  'no-pipeline-missing-task': {
    tekton: '25',
    example: '`runAfter: [missing]`',
    instead: 'a task of `tasks`',
  },
  'no-pipeline-task-cycle': {
    tekton: '25',
    example: 'a runs after b, and b after a',
    instead: 'an order without cycles; references to results, also in scripts of embedded tasks, count',
  },
  'no-invalid-finally': {
    tekton: '26',
    example: '`runAfter:` in finally; a result of another task in finally',
    instead: 'results of `tasks`',
  },
  'no-misplaced-status': {
    tekton: '27',
    example: '`$(tasks.a.status)` in tasks',
    instead: 'use it in finally, for a task of `tasks`',
  },
  'no-invalid-pipeline-result': {
    tekton: '28',
    example: '`value: $(params.x)`',
    instead: '`$(tasks.T.results.R)`',
  },
  'no-invalid-when': {
    tekton: '29',
    example: '`operator: exists`',
    instead: '`in` or `notin` with values, or only cel',
  },
  'no-invalid-matrix': {
    tekton: '30',
    example: 'a param in both matrix and params; `$(tasks.m.results.r)` of a task with a matrix',
    instead: 'one of them; `$(tasks.m.results.r[*])`',
  },
  'no-param-in-script': {
    tekton: '33',
    example: '`script: echo $(params.x)` in a StepAction',
    instead: '`env: [{name: X, value: $(params.x)}]` and `$X`',
  },
  'no-missing-param-value': {
    tekton: 'T',
    example: '`params: [{name: p}]` in a task, a step, a reference or a matrix',
    instead: '`value: ""`; Tekton reads such an object but cannot write it',
  },
  'no-unmergeable-step': {
    tekton: 'T',
    example:
      '`A`, `B`, `A` in the env of a step, with env in stepTemplate; the same for mount paths and devices; more than 250,000 elements of stepTemplate in all steps together',
    instead: 'each once',
  },
  'no-param-cycle': {
    tekton: 'T',
    example: '`default: $(params.b)` and back, in a v1alpha1 StepAction',
    instead: 'a default that does not refer to itself',
  },
  'no-invalid-param-enum': {
    tekton: 'T',
    example: 'a default outside the enum',
    instead: 'a value of the enum',
  },
  'no-invalid-reference': {
    tekton: 'T',
    example: '`$(params.a.b.c)`',
    instead: '`$(params["a.b.c"])`',
  },
  'no-unknown-variable': {
    tekton: 'T',
    example: '`value: $(date)`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the ${} belongs to the shell syntax that the text recommends
    instead: 'a Tekton variable, or `${DATE}` for the shell',
  },
  'no-misplaced-step-result': {
    tekton: 'T',
    example: '`$(steps.s.results.r)` in a script',
    instead: 'in env, command or args',
  },
  'no-reserved-sidecar': {
    tekton: 'T',
    example: '`name: tekton-log-results`',
    instead: 'another name',
  },
  'no-removed-field': {
    tekton: 'T',
    example: '`resources:`, `bundle:` of v1beta1',
    instead: 'params, workspaces; resolver `bundles`',
  },
  'no-child-pipeline-result': {
    tekton: 'T',
    example: 'a result of a task with pipelineRef',
    instead: 'remove it: such a task has no results yet',
  },
  'no-fixed-volume': {
    tekton: 'T',
    example: '`volumeMounts: [{name: v}]` in a StepAction',
    instead: '`name: $(params.v)`',
  },
  'no-disabled-feature': {
    tekton: 'T',
    example: '`cel:`, `pipelineRef:`, `enum:`, `stdoutConfig:`',
    instead: 'declare the feature flag of the cluster under `lint:`',
  },
  'null-document': {
    example: '`---` directly before another `---`',
    instead: 'remove it: tkn bundles the preceding object twice',
  },
  'ignored-text': {
    example: 'text after `...`',
    instead: '`---`',
  },
  'duplicate-key': {
    example: '`image:` twice in one step',
    instead: 'keep one; the last takes effect',
  },
  'unquoted-value': {
    example: '`default: 1.10` (1.1), `yes` (true), `010` (8)',
    instead: '`default: "1.10"`',
  },
  'unknown-field': {
    example: '`run_after:`',
    instead: '`runAfter`; Tekton drops unknown fields',
  },
  'run-in-bundle': {
    example: '`kind: PipelineRun`',
    instead: 'Tasks, Pipelines and StepActions',
  },
  'large-object': {
    example: 'JSON of more than 1 MiB',
    instead: 'a smaller object; etcd stores up to 1.5 MiB, in base64',
  },
  'no-latest-image': {
    example: '`image: ubuntu`',
    instead: 'a fixed tag, or a digest',
  },
  'unpinned-image': {
    example: '`image: busybox:1.36`',
    instead: '`@sha256:…`; `npx tekton-bundles pin` writes it',
  },
  'unpinned-bundle': {
    example: '`resolver: bundles` with `bundle: r/b:v1`',
    instead: '`r/b:v1@sha256:…`; `npx tekton-bundles pin` writes it',
  },
  'no-invalid-bundle-ref': {
    example: '`resolver: bundles` with the param `bundel`, or without `name`',
    instead: '`bundle` and `name`; `kind`, `serviceAccount`, `secret`, `cache`',
  },
  'no-local-ref': {
    example: '`taskRef: {name: build}` beside the Task `build` of the same bundle',
    instead: 'taskSpec, or `resolver: bundles`: a cluster searches the namespace, not the bundle',
  },
  'non-root': {
    example: 'a step without `runAsNonRoot: true` or a `runAsUser` above 0',
    instead: '`securityContext: {runAsNonRoot: true}` in the step or in stepTemplate',
  },
  'no-unused-param': {
    example: 'a declared param that is never used',
    instead: 'remove it',
  },
  'no-undefined-volume': {
    example: 'a mount of a volume that the Task does not declare',
    instead: 'declare it: the pod cannot start',
  },
  'no-duplicate-env': {
    example: '`A` twice in one env',
    instead: 'keep one; the last takes effect',
  },
  'no-unfilled-context': {
    example: '`$(context.pipeline.uid)` in a task that is not the last',
    instead: 'see [differences from Tekton](reference/lint.md#differences-from-tekton)',
  },
  'refused-signature': {
    example:
      '`tekton.dev/signature` in a StepAction, or with a value that is not a signature; a signed object with a field that Tekton does not know; with `--key`, an object without a signature by one of the keys for that version of Tekton',
    instead:
      '[`sign --objects`](reference/commands/sign.md); see [signed objects](reference/lint.md#signed-objects)',
  },
  'version-mismatch': {
    example:
      'in bundles.yaml, the annotation or label `org.opencontainers.image.version: 1.0.0` beside the tag `v1.1.0`',
    instead: 'the version of the tag (without a leading `v`), or a [`bump`](reference/commands/bump.md)',
  },
  'missing-annotation': {
    example:
      'with `for: [konflux]`, a bundle of Tasks without the annotation `org.opencontainers.image.version` in the form `MAJOR[.MINOR[.PATCH]]`; with `for: [artifacthub]`, a bundle without the label `io.artifacthub.package.readme-url`',
    instead: 'see [consumers of bundles](reference/lint.md#consumers-of-bundles)',
  },
  'unknown-rule': {
    example: '`# bundles-lint-disable-line nonsense`',
    instead: 'the name of a rule',
  },
};
