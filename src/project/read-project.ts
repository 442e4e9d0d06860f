import { dirname } from 'node:path';
import { BundlesError, isBundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { type ConfigNode, mappingAt } from '../yaml-file/config-node.js';
import { decodeUtf8 } from '../yaml-file/decode-utf8.js';
import { readYamlFile } from '../yaml-file/parse-yaml-file.js';
import { problemsError, type YamlFileKind } from '../yaml-file/problems-error.js';
import { type ParseRequest, parseProjectNode } from './config/parse-project.js';
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

/** The same from a text at hand, which is at `file`. */
export async function readProjectFrom(
  text: string,
  file: string,
  overrides: ProjectOverrides = {},
  options: { signal?: AbortSignal } = {},
): Promise<Project> {
  try {
    const opened = openProject(text, file);
    const rare = opened.hasRare ? (await import('./config/parse-rare.js')).parseRare : undefined;
    if (opened.discover === undefined) return finishProject(opened, overrides, { parseRare: rare });
    const { discoverBundles } = await import('./discover/discover-bundles.js');
    const place = { file, directory: dirname(file), ...options };
    const discovered = await discoverBundles(opened.discover, place);
    return finishProject(opened, overrides, { parseRare: rare, discovered });
  } catch (error) {
    if (!isBundlesError(error, 'CONFIG_INVALID')) throw error;
    const { explainProject } = await import('./explain-project.js');
    throw explainProject(error, text, fileKind(file));
  }
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
    linksWithin: dirname(path),
    signal,
  }).catch(async (error: unknown) => {
    throw isBundlesError(error, 'CONFIG_NOT_FOUND') ? await notFound(path, error) : error;
  });
  return decodeUtf8(bytes, { what: 'project', file: path, invalid: 'CONFIG_INVALID' });
}

/** Sections that few files have: their code is loaded for those. */
const rareKeys = ['lint', 'images', 'signing', 'registries', 'workflows'];

/** How errors name a bundles.yaml. */
export function fileKind(file: string): YamlFileKind {
  return {
    what: 'project',
    file,
    invalid: 'CONFIG_INVALID',
    conflictHint: 'Edit the file: keep what you need, and remove the markers',
  };
}

/** A bundles.yaml that is YAML, before its keys are looked at. */
export interface OpenedProject {
  readonly text: string;
  readonly kind: YamlFileKind;
  readonly root: ConfigNode;
  /** The key of that name, where there is one. */
  readonly discover: ConfigNode | undefined;
  /** It has a section that few files have. */
  readonly hasRare: boolean;
}

/** @throws CONFIG_INVALID */
export function openProject(text: string, file: string): OpenedProject {
  const kind = fileKind(file);
  const { value, problems } = readYamlFile(text, kind);
  const root: ConfigNode = { value, path: [], problems: [...problems] };
  const keys = mappingAt({ ...root, problems: [] });
  const discover = keys?.get('discover');
  const hasRare = rareKeys.some((key) => keys?.has(key) === true);
  return { text, kind, root, discover: discover && { ...discover, problems: root.problems }, hasRare };
}

/** @throws CONFIG_INVALID for whatever is wrong in it */
export function finishProject(
  { text, kind, root }: OpenedProject,
  overrides: ProjectOverrides,
  parts: Pick<ParseRequest, 'discovered' | 'parseRare'>,
): Project {
  const { file } = kind;
  // Every key would be reported as missing too.
  if (mappingAt(root) === undefined) throw problemsError(root.problems, text, kind);
  const project = parseProjectNode(root, { file, directory: dirname(file), overrides, ...parts });
  if (root.problems.length > 0) throw problemsError(root.problems, text, kind);
  return project;
}

async function notFound(path: string, cause: BundlesError): Promise<BundlesError> {
  // No directory above is searched: what lies there is only named.
  const above = path === 'bundles.yaml' ? await directoryAbove(path) : undefined;
  return new BundlesError('CONFIG_NOT_FOUND', `${cause.message}`, {
    hint:
      above === undefined
        ? 'Run it in the directory of bundles.yaml, name one with --config, or create one with: npx tekton-bundles init'
        : `Found ${above}/bundles.yaml: add -C ${above} to work there`,
    details: { ...cause.details, path, ...(above === undefined ? {} : { above }) },
    cause,
  });
}

/** The nearest directory above the working directory that holds the file: `..`, `../..`. */
async function directoryAbove(name: string): Promise<string | undefined> {
  const { stat } = await import('node:fs/promises');
  let below = await stat('.').catch(() => undefined);
  for (let above = '..'; above.length < 60; above += '/..') {
    const found = await stat(`${above}/${name}`).catch(() => undefined);
    if (found?.isFile()) return above;
    const here = await stat(above).catch(() => undefined);
    // The root is its own parent.
    if (!here || (here.ino === below?.ino && here.dev === below.dev)) return undefined;
    below = here;
  }
  return undefined;
}
