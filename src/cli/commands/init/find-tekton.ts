import { readdir } from 'node:fs/promises';
import { BundlesError, toBundlesError } from '../../../errors.js';
import { readError } from '../../../fs/machine-error.js';
import { readFileCapped } from '../../../fs/read-file-capped.js';
import type { FoundCatalog, TektonFile } from '../../../project/propose-project.js';
import { lintBundle } from '../../../tekton/lint/lint-sources.js';
import { type LintRule, lintRules } from '../../../tekton/lint/rules/rules.js';
import { readSources } from '../../../tekton/sources/read-sources.js';
import { type FoundDocuments, findDocuments, isWorkflowDocument } from './find-documents.js';

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
  readonly documents: FoundDocuments;
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
  const found = { files: [] as TektonFile[], skipped: [] as string[] };
  for (const root of new Set([folder, 'workflows'])) if (root !== '') await addGroups(found, root, signal);
  const names = await readdir(folder || '.').catch((cause: unknown) => {
    if (catalogs.length > 0 || found.files.length > 0) return [];
    throw readError(cause, `read the folder ${JSON.stringify(folder || '.')}`, {
      path: folder || '.',
      missing: 'SOURCE_NOT_FOUND',
      missingHint: 'Name the folder that holds your Pipelines and Tasks: npx tekton-bundles init FOLDER',
    });
  });
  for (const name of names.filter(isSource).sort()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (path !== projectFile) await addFile(found, path, signal);
  }
  if (found.files.length > 0 || catalogs.length > 0) {
    const documents = await findDocuments(folder, signal);
    return { ...found, catalogs, documents, skipped: [...found.skipped, ...documents.skipped] };
  }
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

type Found = { readonly files: TektonFile[]; readonly skipped: string[] };

/** Sorts a file in: sources, and what is neither a source nor a document about a workflow, with the reason. */
async function addFile(found: Found, path: string, signal: AbortSignal): Promise<void> {
  const source = await readSource(path, signal);
  if (source === undefined) return;
  if ('skipped' in source) found.skipped.push(`${path}${source.skipped}`);
  else found.files.push({ path, objects: source.objects });
}

/** A folder that holds a document about a workflow and Tekton files beside it is one bundle, called as the folder. */
async function addGroups(found: Found, root: string, signal: AbortSignal): Promise<void> {
  for (const name of await foldersIn(root)) {
    const names = await readdir(`${root}/${name}`).catch((): string[] => []);
    const paths = names
      .filter(isSource)
      .sort()
      .map((file) => `${root}/${name}/${file}`);
    const read = await Promise.all(
      paths.map(async (path) => ({ path, source: await readSource(path, signal) })),
    );
    if (!read.some(({ source }) => source === undefined)) continue;
    const sources = read.flatMap(({ path, source }) =>
      source && 'objects' in source ? [{ path, objects: source.objects }] : [],
    );
    const [first] = sources;
    if (!first) continue;
    for (const { path, source } of read)
      if (source && 'skipped' in source) found.skipped.push(`${path}${source.skipped}`);
    const objects = sources.flatMap((one) => one.objects);
    found.files.push({ path: first.path, objects, name, paths: sources.map(({ path }) => path) });
  }
}

type Source = { readonly objects: TektonFile['objects'] } | { readonly skipped: string };

/** What a file gives to a bundle; undefined for a document about a workflow. */
async function readSource(path: string, signal: AbortSignal): Promise<Source | undefined> {
  try {
    const bytes = await readFileCapped(path, { limit: sizeLimit, missing: 'SOURCE_NOT_FOUND', signal });
    if (isWorkflowDocument(bytes)) return undefined;
    const { objects } = readSources([{ path, bytes }]);
    const fatal = lintBundle([{ path, bytes }]).findings.find(({ rule }) => {
      const row: LintRule = lintRules[rule];
      return row.fatal === true;
    });
    if (fatal) return { skipped: `:${fatal.line}:${fatal.column}: ${fatal.message}` };
    return objects.length === 0 ? { skipped: ': it contains no Tekton object' } : { objects };
  } catch (error) {
    signal.throwIfAborted();
    return { skipped: `: ${toBundlesError(error).message}` };
  }
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
