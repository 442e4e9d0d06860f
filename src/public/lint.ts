/** Sources checked before they become bundles: those of a project, or any. */

export type { Clock } from '../async/clock.js';
export type { CallOptions } from '../content/store.js';
export type { LintProjectOptions } from '../ensure/lint/lint.js';
export type { LintDocument, ReportedFinding } from '../ensure/lint/lint-document.js';
export { lint } from '../ensure/lint/lint-on-demand.js';
export type { ErrorCode } from '../errors.js';
export type { Machine } from '../open/machine.js';
export type { ReportedError } from '../publish/reported-error.js';
export type { FixedSource } from '../tekton/lint/findings/apply-fixes.js';
export { applyFixes } from '../tekton/lint/findings/apply-fixes.js';
export type { Finding, Fix } from '../tekton/lint/findings/finding.js';
export { toSarif } from '../tekton/lint/findings/to-sarif.js';
export type { LintOptions, LintReport, Severities } from '../tekton/lint/lint-sources.js';
export { lintBundle, lintSources } from '../tekton/lint/lint-sources.js';
export type { LintRule, RuleName, Severity } from '../tekton/lint/rules/rules.js';
export { lintRules } from '../tekton/lint/rules/rules.js';
export type { FieldPath } from '../tekton/objects/field-path.js';
export type { ObjectOrigin, Source, TektonObject } from '../tekton/objects/object.js';
export type { ReferenceEdit } from '../tekton/sources/edit-references.js';
export type { ApiFields, Feature, FeatureFlags } from '../tekton/validate/feature-flags.js';
export type { Problem } from '../tekton/validate/problem.js';
export { validateObject } from '../tekton/validate/validate-object.js';
export type { YamlMap, YamlValue } from '../tekton/yaml/value.js';
