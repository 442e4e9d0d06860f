import { discoverFrom } from './discover/discover-bundles.js';
import type { Match } from './discover/find-matches.js';
import type { Project, ProjectOverrides } from './project.js';
import { finishProject, openProject } from './read-project.js';

/**
 * A project from texts alone: the file's, which stands at `file`, and what its `discover` matched. Nothing is read.
 * @throws CONFIG_INVALID
 */
export function parseProject(
  text: string,
  file: string,
  overrides: ProjectOverrides = {},
  matches: readonly Match[] = [],
): Project {
  const opened = openProject(text, file);
  return finishProject(opened, overrides, opened.discover && discoverFrom(opened.discover, matches));
}
