import { readdir } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { BundlesError, toBundlesError } from '../../../errors.js';
import { readFileCapped } from '../../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { parseProject } from '../../../project/parse-project-text.js';
import { proposeProject, type TektonFile } from '../../../project/propose-project.js';
import { readSources } from '../../../tekton/sources/read-sources.js';
import type { Context } from '../../context.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Session } from '../../session.js';

export interface InitOptions extends CommonOptions {
  readonly repository?: string;
  readonly tag: string;
  readonly force?: boolean;
}

const projectFile = 'bundles.yaml';
const sizeLimit = 4 * 1024 * 1024;

/** Writes bundles.yaml for a folder of Tekton files, and the lines that git needs to keep their bytes. */
export async function runInit(
  { context }: Session,
  { folder, options }: { readonly folder: string; readonly options: InitOptions },
): Promise<void> {
  const { repository, tag, force = false } = options;
  if (repository === undefined) {
    throw new BundlesError('USAGE', 'Cannot write a bundles.yaml: no repository given', {
      hint: 'Say where the bundles live, e.g. npx tekton-bundles init --repository quay.io/acme/test-workflows',
    });
  }
  if (!force && (await readText(projectFile, context)) !== undefined) {
    throw new BundlesError('USAGE', `Cannot write ${projectFile}: there is one already`, {
      hint: 'Edit it, or replace it with --force',
    });
  }
  const place = relative('', folder).replaceAll(sep, '/');
  const { files, skipped } = await findTektonFiles(place, context);
  const text = proposeProject({ repository, tag, files });
  parseProject(text, projectFile);
  await writeFileAtomic(projectFile, text);
  const changed = [
    projectFile,
    ...(await addLines('.gitignore', ['.bundles/'], context)),
    ...(await addLines('.gitattributes', [...attributesOf(place), 'bundles.lock eol=lf'], context)),
  ];
  if (!options.quiet) for (const line of skipped) context.stderr.line(`skipped ${line}`);
  if (options.output === 'json')
    context.stdout.json({
      version: 1,
      written: changed,
      files: files.map(({ path }) => path),
      skipped,
      error: null,
    });
  else
    context.stdout.line(
      `wrote ${changed.join(', ')} for ${count(files.length, 'Tekton file')}; next: npx tekton-bundles ensure --no-push`,
    );
}

/** Line endings change bytes, so git must not touch those of the sources. */
function attributesOf(folder: string): string[] {
  if (folder === '') return ['*.yaml eol=lf', '*.yml eol=lf', '*.json eol=lf'];
  const pattern = `${folder}/**`;
  return [`${/[\s"]|^[#!]/.test(pattern) ? JSON.stringify(pattern) : pattern} eol=lf`];
}

/** `folder` is relative to here, and empty for here itself. */
async function findTektonFiles(
  folder: string,
  context: Context,
): Promise<{ files: TektonFile[]; skipped: string[] }> {
  const names = await readdir(folder || '.').catch((cause: unknown) => {
    throw new BundlesError(
      'SOURCE_NOT_FOUND',
      `Cannot read the folder ${JSON.stringify(folder)}: it is missing or closed`,
      {
        hint: 'Name the folder that holds your Pipelines and Tasks: npx tekton-bundles init FOLDER',
        cause,
      },
    );
  });
  const files: TektonFile[] = [];
  const skipped: string[] = [];
  for (const name of names.filter((entry) => /\.(?:ya?ml|json)$/.test(entry)).sort()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (path === projectFile) continue;
    try {
      const bytes = await readFileCapped(path, {
        limit: sizeLimit,
        missing: 'SOURCE_NOT_FOUND',
        signal: context.signal,
      });
      files.push({ path, objects: readSources([{ path, bytes }]).objects });
    } catch (error) {
      context.signal.throwIfAborted();
      skipped.push(`${path}: ${toBundlesError(error).message}`);
    }
  }
  if (files.length > 0) return { files, skipped };
  throw new BundlesError(
    'SOURCE_NOT_FOUND',
    `Cannot find a Tekton file in ${JSON.stringify(folder || '.')}`,
    {
      hint: `Wanted .yaml, .yml or .json files with Tasks or Pipelines${skipped[0] ? `; found ${skipped[0]}` : ''}`,
      details: { skipped },
    },
  );
}

/** Adds the lines that a text file lacks; gives its name where it changed. */
async function addLines(file: string, lines: readonly string[], context: Context): Promise<string[]> {
  const text = (await readText(file, context)) ?? '';
  const missing = lines.filter((line) => !text.split(/\r?\n/).includes(line));
  if (missing.length === 0) return [];
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await writeFileAtomic(file, `${before}${missing.join('\n')}\n`);
  return [file];
}

async function readText(file: string, { signal }: Context): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(
      await readFileCapped(file, { limit: sizeLimit, missing: 'NOT_FOUND', signal }),
    );
  } catch (error) {
    if (toBundlesError(error).code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
