import { BundlesError } from '../errors.js';
import type { BundleSpec, Project } from '../project/project.js';
import { nearest } from '../yaml-file/nearest.js';
import type { Run } from './run.js';

/** The bundles of a run: those of its shard, or the named ones. @throws USAGE */
export function bundlesOf({
  project,
  names,
  shard,
}: Pick<Run, 'project' | 'names' | 'shard'>): readonly BundleSpec[] {
  return shard ? project.bundles.filter(({ name }) => shard.holds(name)) : selectBundles(project, names);
}

/** The named bundles, in the project's order; all of them without a name. @throws USAGE */
export function selectBundles(project: Project, names: readonly string[]): readonly BundleSpec[] {
  const known = project.bundles.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw notDeclared(project, unknown, known);
  return names.length === 0 ? project.bundles : project.bundles.filter(({ name }) => names.includes(name));
}

/** The error for a name that a project does not declare. */
export function notDeclared(project: Project, name: string, known: readonly string[]): BundlesError {
  const close = nearest(name, known);
  return new BundlesError('USAGE', `Cannot find the bundle ${JSON.stringify(name)} in ${project.file}`, {
    hint: close ? `Did you mean ${close}?` : `It declares ${known.join(', ') || 'no bundle'}`,
    details: { name, declared: known },
  });
}
