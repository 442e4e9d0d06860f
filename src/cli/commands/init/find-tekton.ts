import { readdir } from 'node:fs/promises';
import { BundlesError, toBundlesError } from '../../../errors.js';
import { readFileCapped } from '../../../fs/read-file-capped.js';
import type { FoundCatalog, TektonFile } from '../../../project/propose-project.js';
import { lintBundle } from '../../../tekton/lint/lint-sources.js';
import { type LintRule, lintRules } from '../../../tekton/lint/rules/rules.js';
import { readSources } from '../../../tekton/sources/read-sources.js';

const sizeLimit = 4 * 1024 * 1024;
/** Folders of a catalog at the root of a repository, as the Tekton catalogs have them. */
const catalogFolders = ['task', 'tasks', 'pipeline', 'pipelines', 'stepaction', 'stepactions'];
/** Names that are looked at in one folder. */
const mostNames = 5_000;

export interface FoundTekton {
  /** Directly in the folder. */
  readonly files: readonly TektonFile[];
  readonly catalogs: readonly FoundCatalog[];
  readonly skipped: readonly string[];
  /** Documents about workflows. */
  readonly documents: readonly string[];
}

/**
 * Tekton files directly in a folder (relative to here, empty for here itself), and catalogs of the form
 * `NAME/VERSION/NAME.yaml` below it, or, where it is `pipelines` or here itself, below the folders that catalogs use.
 * @throws SOURCE_NOT_FOUND where there is neither
 */
export async function findTekton(
  folder: string,
  { projectFile, signal }: { readonly projectFile: string; readonly signal: AbortSignal },
): Promise<FoundTekton> {
  const usual = folder === '' || folder === 'pipelines';
  const roots = usual ? [...new Set([folder, ...catalogFolders])] : [folder];
  const catalogs: FoundCatalog[] = [];
  for (const root of roots) {
    const catalog = await findCatalog(root, signal);
    if (catalog) catalogs.push(catalog);
  }
  const names = await readdir(folder || '.').catch((cause: unknown) => {
    if (catalogs.length > 0) return [];
    throw new BundlesError(
      'SOURCE_NOT_FOUND',
      `Cannot read the folder ${JSON.stringify(folder)}: it is missing or closed`,
      { hint: 'Name the folder that holds your Pipelines and Tasks: npx tekton-bundles init FOLDER', cause },
    );
  });
  const found = { files: [] as TektonFile[], skipped: [] as string[], documents: [] as string[] };
  for (const name of names.filter(isSource).sort()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (path !== projectFile) await addFile(found, path, signal);
  }
  if (folder !== 'schemas') found.documents.push(...(await documentsIn('schemas', signal)));
  if (found.files.length > 0 || catalogs.length > 0) return { ...found, catalogs };
  const { skipped } = found;
  throw new BundlesError(
    'SOURCE_NOT_FOUND',
    `Cannot find a Tekton file in ${JSON.stringify(folder || '.')}`,
    {
      hint: `Wanted .yaml, .yml or .json files with Tasks or Pipelines, or a catalog such as task/NAME/VERSION/NAME.yaml${skipped[0] ? `; found ${skipped[0]}` : ''}`,
      details: { skipped },
    },
  );
}

function isSource(name: string): boolean {
  return /\.(?:ya?ml|json)$/.test(name);
}

/** Sorts a file in: sources, documents about workflows, and what is neither, with the reason. */
async function addFile(
  found: { readonly files: TektonFile[]; readonly skipped: string[]; readonly documents: string[] },
  path: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const bytes = await readFileCapped(path, { limit: sizeLimit, missing: 'SOURCE_NOT_FOUND', signal });
    if (isWorkflowDocument(bytes)) return void found.documents.push(path);
    const { objects } = readSources([{ path, bytes }]);
    const fatal = lintBundle([{ path, bytes }]).findings.find(({ rule }) => {
      const row: LintRule = lintRules[rule];
      return row.fatal === true;
    });
    if (fatal) found.skipped.push(`${path}:${fatal.line}:${fatal.column}: ${fatal.message}`);
    else if (objects.length === 0) found.skipped.push(`${path}: it holds no Tekton object`);
    else found.files.push({ path, objects });
  } catch (error) {
    signal.throwIfAborted();
    found.skipped.push(`${path}: ${toBundlesError(error).message}`);
  }
}

async function documentsIn(folder: string, signal: AbortSignal): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const documents: string[] = [];
  for (const name of names.filter(isSource).sort().slice(0, mostNames)) {
    const path = `${folder}/${name}`;
    const bytes = await readFileCapped(path, { limit: sizeLimit, missing: 'SOURCE_NOT_FOUND', signal }).catch(
      () => undefined,
    );
    if (bytes && isWorkflowDocument(bytes)) documents.push(path);
  }
  return documents;
}

function isWorkflowDocument(bytes: Uint8Array): boolean {
  return /^kind:[ \t]*["']?(?:WorkflowSchema|RemediationWorkflow)["']?[ \t]*$/m.test(
    new TextDecoder().decode(bytes),
  );
}

/** `NAME/VERSION/NAME.yaml` below a folder. */
async function findCatalog(folder: string, signal: AbortSignal): Promise<FoundCatalog | undefined> {
  const bundles: { readonly name: string; readonly version: string }[] = [];
  for (const name of await foldersIn(folder || '.')) {
    for (const version of await foldersIn(folder === '' ? name : `${folder}/${name}`)) {
      signal.throwIfAborted();
      const place = [folder, name, version].filter((part) => part !== '').join('/');
      const names = await readdir(place).catch((): string[] => []);
      if (names.includes(`${name}.yaml`)) bundles.push({ name, version });
    }
  }
  return bundles.length > 0 ? { folder, bundles } : undefined;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .slice(0, mostNames);
}
