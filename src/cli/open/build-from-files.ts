import { type Bundle, buildBundle } from '../../bundle/build-bundle.js';
import type { TektonObject } from '../../tekton/objects/object.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import type { Context } from '../context.js';
import { createdOption } from '../options/option-values.js';
import { filesAt, readInputFiles } from '../options/read-input-files.js';
import { parsePairs, splitValues } from '../options/tkn-values.js';

/** The options that describe one bundle, as in tkn. */
export interface FileBundleOptions {
  readonly file?: readonly string[];
  readonly annotate?: readonly string[];
  readonly label?: readonly string[];
  readonly ctime?: string;
  readonly tknCompat?: boolean;
}

export interface FileBundle {
  readonly bundle: Bundle;
  readonly objects: readonly TektonObject[];
  readonly warnings: readonly string[];
}

/** Builds one bundle from -f files. @throws USAGE and what readSources throws */
export async function buildFromFiles(context: Context, options: FileBundleOptions): Promise<FileBundle> {
  const annotations = parsePairs('--annotate', options.annotate);
  const labels = parsePairs('--label', options.label);
  const created = createdOption(context, options.ctime);
  const files = await Promise.all(splitValues('-f', options.file).map(filesAt));
  const sources = await readInputFiles(context, files.flat());
  const { objects, warnings } = readSources(sources, { tknCompat: options.tknCompat === true });
  const bundle = buildBundle(objects, { annotations, labels, created });
  return {
    bundle,
    objects,
    warnings: warnings.map(({ file, line, message }) => `${file}:${line}: ${message}`),
  };
}
