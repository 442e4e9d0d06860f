import type { Reference } from '../oci/reference.js';
import type { Project } from '../project/project.js';
import type { RunContext } from './machine.js';

/** Names and references that a project declares: a secret that is a part of one changes none of them where they are shown. */
export function keepProject<P extends Project>({ keep }: Pick<RunContext, 'keep'>, project: P): P {
  if (!keep) return project;
  const values = [project.file, ...project.images.map(({ name }) => name)];
  for (const { name, reference } of project.bundles) {
    values.push(name, shown(reference));
  }
  for (const { name, source } of project.workflows) {
    values.push(name);
    if (source.kind === 'git') values.push(source.url);
    else if (source.kind !== 'bundle') values.push(shown(source.reference));
  }
  keep(values);
  return project;
}

function shown({ registry, repository, tag }: Reference): string {
  return tag === undefined ? `${registry}/${repository}` : `${registry}/${repository}:${tag}`;
}
