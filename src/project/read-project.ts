import { dirname } from 'node:path';
import { BundlesError, isBundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import type { ConfigNode } from '../yaml-file/config-node.js';
import { decodeUtf8 } from '../yaml-file/decode-utf8.js';
import { parseYamlFile, type YamlFileKind } from '../yaml-file/parse-yaml-file.js';
import { problemsError } from '../yaml-file/problems-error.js';
import { parseProjectNode } from './config/parse-project.js';
import type { Project, ProjectOverrides } from './project.js';

/** Bytes; the largest project file that is read. */
const sizeLimit = 1024 * 1024;

/**
 * Reads a bundles.yaml: everything checked, defaults filled in, overrides applied. Reports what is wrong all at
 * once: `details.problems` lists path, line, column, message and hint of each.
 *
 * @throws CONFIG_NOT_FOUND, CONFIG_INVALID, NOT_READABLE
 */
export async function readProject(
  path: string,
  overrides: ProjectOverrides = {},
  options: { signal?: AbortSignal } = {},
): Promise<Project> {
  return parseProject(await readProjectText(path, options), path, overrides);
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
 * The same from a text in memory; `file` says where it stands.
 * @throws CONFIG_INVALID
 */
export function parseProject(text: string, file: string, overrides: ProjectOverrides = {}): Project {
  const kind: YamlFileKind = {
    what: 'project',
    file,
    invalid: 'CONFIG_INVALID',
    conflictHint: 'Edit the file so that it holds what you want, without the markers',
  };
  const root: ConfigNode = { value: parseYamlFile(text, kind), path: [], problems: [] };
  const project = parseProjectNode(root, { file, directory: dirname(file), overrides });
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
