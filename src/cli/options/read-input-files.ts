import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import type { Source } from '../../tekton/objects/object.js';
import type { Context } from '../context.js';

/** The largest source that is read. */
const sizeLimit = 4 * 1024 * 1024;

/** The files given by -f; `-` is standard input. @throws SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, NOT_READABLE, USAGE */
export async function readInputFiles(context: Context, files: readonly string[]): Promise<Source[]> {
  if (files.length === 0) {
    throw new BundlesError('USAGE', 'Cannot build a bundle from nothing: no file given', {
      hint: 'Name the YAML or JSON files with -f; -f - reads standard input',
    });
  }
  return Promise.all(
    files.map(async (path) => ({
      path,
      bytes: path === '-' ? await readStandardInput(context) : await readFile(path, context),
    })),
  );
}

/** Of a directory the Tekton files that lie in it, not those below; `-` is standard input. @throws SOURCE_NOT_FOUND */
export async function filesAt(path: string): Promise<string[]> {
  if (path === '-') return [path];
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.(?:ya?ml|json)$/.test(name)).sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new BundlesError('SOURCE_NOT_FOUND', `Cannot find a Tekton file in ${JSON.stringify(path)}`, {
    hint: 'Wanted .yaml, .yml or .json files in that directory',
    details: { path },
  });
}

function readFile(path: string, { signal }: Context): Promise<Uint8Array> {
  return readFileCapped(path, {
    limit: sizeLimit,
    missing: 'SOURCE_NOT_FOUND',
    missingHint:
      'Name a file that exists; - is standard input, and a bundle of bundles.yaml is named without .yaml',
    tooLarge: 'SOURCE_TOO_LARGE',
    signal,
  });
}

async function readStandardInput({ stdin }: Context): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > sizeLimit) {
      throw new BundlesError('SOURCE_TOO_LARGE', `Cannot read standard input: more than ${sizeLimit} bytes`, {
        hint: 'A Tekton object larger than 1 MiB cannot be stored by a cluster',
      });
    }
    chunks.push(bytes);
  }
  if (size > 0) return Buffer.concat(chunks);
  throw new BundlesError('USAGE', 'Cannot read bundle contents from standard input: it is empty', {
    hint: 'Pipe YAML or JSON into the command, or name files with -f',
  });
}
