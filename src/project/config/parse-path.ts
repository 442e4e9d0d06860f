import { type ConfigNode, listAt, report, requireAt } from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import { parseText } from './parse-scalar.js';

/** A path below the project's directory, normalised to `/` without `.` parts; undefined where absent or reported. */
export function parsePath(node: ConfigNode, wanted: string): string | undefined {
  const text = parseText(node, { wanted, longest: 500, pattern: /^[^\p{Cc}]*$/u });
  if (text === undefined) return undefined;
  if (/^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(text)) {
    const hint = 'Files are not downloaded: copy the file into the directory of this file';
    return refuse(node, `found the address ${showText(text)}, wanted a path relative to this file`, hint);
  }
  if (text.startsWith('/') || /^[A-Za-z]:/.test(text))
    return refuse(
      node,
      `found the absolute path ${showText(text)}, wanted one relative to this file`,
      'Paths are relative to the directory of this file and must stay inside it',
    );
  if (text.includes('\\')) {
    const hint = `Write ${showText(text.replaceAll('\\', '/'))}`;
    return refuse(node, `found ${showText(text)}, wanted / between its parts`, hint);
  }
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    return refuse(
      node,
      `${showText(text)} leads out of this file's directory, wanted a path inside it`,
      'Put bundles.yaml into a directory that holds all its sources',
    );
  }
  return parts.length === 0 ? '.' : parts.join('/');
}

/** A bundle's list of files, directories and globs. */
export function parseFiles(node: ConfigNode): readonly string[] {
  const wanted = 'a list of files, directories and globs';
  const nodes = listAt(node);
  requireAt(node, wanted);
  if (nodes?.length === 0) report(node, `found an empty list, wanted ${wanted}`);
  const paths = (nodes ?? []).map((item) => parsePath(item, 'a file, a directory or a glob'));
  const known = paths.filter((path) => path !== undefined);
  if (new Set(known).size !== known.length) report(node, 'found a path twice, wanted each once');
  return known;
}

function refuse(node: ConfigNode, message: string, hint?: string): undefined {
  report(node, message, { hint });
  return undefined;
}
