import { dirname } from 'node:path';
import { BundlesError, isBundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { type ConfigNode, mappingAt } from '../yaml-file/config-node.js';
import { decodeUtf8 } from '../yaml-file/decode-utf8.js';
import { parseYamlFile, type YamlFileKind } from '../yaml-file/parse-yaml-file.js';
import { problemsError } from '../yaml-file/problems-error.js';
import { type ParseRequest, parseProjectNode } from './config/parse-project.js';
import type { Match } from './discover/find-matches.js';
import { parseDiscover } from './discover/parse-discover.js';
import type { Project, ProjectOverrides } from './project.js';

/** Bytes; the largest project file that is read. */
const sizeLimit = 1024 * 1024;

/**
 * Reads a bundles.yaml: everything checked, what `discover` finds added, defaults filled in, overrides applied. Reports
 * what is wrong all at once: `details.problems` lists path, line, column, message and hint of each.
 *
 * @throws CONFIG_NOT_FOUND, CONFIG_INVALID, NOT_READABLE, SOURCE_TOO_LARGE
 */
export async function readProject(
  path: string,
  overrides: ProjectOverrides = {},
  options: { signal?: AbortSignal } = {},
): Promise<Project> {
  return readProjectFrom(await readProjectText(path, options), path, overrides, options);
}

/** The same from a text at hand, which stands at `file`. */
export async function readProjectFrom(
  text: string,
  file: string,
  overrides: ProjectOverrides = {},
  options: { signal?: AbortSignal } = {},
): Promise<Project> {
  const opened = openProject(text, file);
  if (opened.discover === undefined) return finish(opened, overrides, undefined);
  const { findMatches } = await import('./discover/find-matches.js');
  const rules = parseDiscover(opened.discover);
  const place = { file, directory: dirname(file), ...options };
  const matches = await findMatches(
    rules.map((rule) => rule?.pattern),
    place,
  );
  return finish(opened, overrides, { rules, matches });
}

/** The text of a bundles.yaml. @throws CONFIG_NOT_FOUND, CONFIG_INVALID, NOT_READABLE */
export async function readProjectText(
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<string> {
  const bytes = await readFileCapped(path, {
    limit: sizeLimit,
    missing: 'CONFIG_NOT_FOUND',
    tooLarge: 'CONFIG_INVALID',
    signal,
  }).catch((error: unknown) => {
    throw isBundlesError(error, 'CONFIG_NOT_FOUND') ? notFound(path, error) : error;
  });
  return decodeUtf8(bytes, { what: 'project', file: path, invalid: 'CONFIG_INVALID' });
}

/**
 * The same from texts alone: the file's, and what `discover` matched.
 * @throws CONFIG_INVALID
 */
export function parseProject(
  text: string,
  file: string,
  overrides: ProjectOverrides = {},
  matches: readonly Match[] = [],
): Project {
  const opened = openProject(text, file);
  const rules = opened.discover && parseDiscover(opened.discover);
  return finish(opened, overrides, rules && { rules, matches });
}

interface OpenedProject {
  readonly text: string;
  readonly kind: YamlFileKind;
  readonly root: ConfigNode;
  /** The key of that name, where there is one. */
  readonly discover: ConfigNode | undefined;
}

function openProject(text: string, file: string): OpenedProject {
  const kind: YamlFileKind = {
    what: 'project',
    file,
    invalid: 'CONFIG_INVALID',
    conflictHint: 'Edit the file so that it holds what you want, without the markers',
  };
  const root: ConfigNode = { value: parseYamlFile(text, kind), path: [], problems: [] };
  const discover = mappingAt({ ...root, problems: [] })?.get('discover');
  return { text, kind, root, discover: discover && { ...discover, problems: root.problems } };
}

function finish(
  { text, kind, root }: OpenedProject,
  overrides: ProjectOverrides,
  discovery: ParseRequest['discovery'],
): Project {
  const { file } = kind;
  const project = parseProjectNode(root, { file, directory: dirname(file), overrides, discovery });
  if (root.problems.length > 0) throw problemsError(root.problems, text, kind);
  return project;
}

function notFound(path: string, cause: BundlesError): BundlesError {
  return new BundlesError('CONFIG_NOT_FOUND', `${cause.message}`, {
    hint: 'Run it where bundles.yaml lies, name one with --config, or make one with: bundles init',
    details: { ...cause.details, path },
    cause,
  });
}
