import type { WorkflowSpec } from '../../project/config/parse-workflows.js';
import type { BundleSpec, Project } from '../../project/project.js';
import { notDeclared } from '../select-bundles.js';

export interface SelectedParts {
  readonly bundles: readonly BundleSpec[];
  /** Those that are declared by themselves. */
  readonly workflows: readonly WorkflowSpec[];
}

/**
 * The bundles and workflows that names stand for, in the project's order: a bundle brings its workflows along, a workflow
 * its bundle; all without a name. @throws USAGE
 */
export function selectDeclared(project: Project, names: readonly string[]): SelectedParts {
  const { bundles, workflows } = project;
  if (names.length === 0) return { bundles, workflows };
  const known = [...bundles.map(({ name }) => name), ...workflows.map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw notDeclared(project, unknown, known);
  const bundleOf = ({ source }: WorkflowSpec) => (source.kind === 'bundle' ? source.bundle : undefined);
  const named = workflows.filter(({ name }) => names.includes(name));
  const wanted = new Set([...names, ...named.map(bundleOf)]);
  return {
    bundles: bundles.filter(({ name }) => wanted.has(name)),
    workflows: workflows.filter((spec) => named.includes(spec) || names.includes(bundleOf(spec) ?? '')),
  };
}
