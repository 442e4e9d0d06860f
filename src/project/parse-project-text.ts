import { isBundlesError } from '../errors.js';
import { parseRare } from './config/parse-rare.js';
import { discoverFrom } from './discover/discover-bundles.js';
import type { Match } from './discover/find-matches.js';
import { explainProject } from './explain-project.js';
import type { Project, ProjectOverrides } from './project.js';
import { fileKind, finishProject, openProject } from './read-project.js';

/**
 * A project from texts alone: the file's, which is at `file`, and what its `discover` matched. Nothing is read.
 * @throws CONFIG_INVALID
 */
export function parseProject(
  text: string,
  file: string,
  overrides: ProjectOverrides = {},
  matches: readonly Match[] = [],
): Project {
  try {
    const opened = openProject(text, file);
    const discovered = opened.discover && discoverFrom(opened.discover, matches);
    return finishProject(opened, overrides, { discovered, parseRare });
  } catch (error) {
    throw isBundlesError(error, 'CONFIG_INVALID') ? explainProject(error, text, fileKind(file)) : error;
  }
}
