import type { Project } from '../project/project.js';
import type { RunContext } from './machine.js';

/** Names and references that a project declares: a secret that is a part of one changes none of them where they are shown. */
export function keepProject<P extends Project>({ keep }: Pick<RunContext, 'keep'>, project: P): P {
  if (!keep) return project;
  const values = [project.file, ...project.images.map(({ name }) => name)];
  for (const { name, reference } of project.bundles) {
    const place = `${reference.registry}/${reference.repository}`;
    values.push(name, reference.tag === undefined ? place : `${place}:${reference.tag}`);
  }
  keep(values);
  return project;
}
