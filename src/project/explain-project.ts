import type { BundlesError } from '../errors.js';
import { excerpt, linesOf } from '../yaml-file/excerpt.js';
import { explainYaml } from '../yaml-file/explain-yaml.js';
import { placedError, type YamlFileKind } from '../yaml-file/problems-error.js';
import { showText } from '../yaml-file/show-text.js';
import { positionOf } from '../yaml-file/yaml-position.js';

/**
 * Explains why a bundles.yaml was refused: it is another kind of file, or has a likely mistake. Loaded only after an
 * error.
 */
export function explainProject(error: BundlesError, text: string, kind: YamlFileKind): BundlesError {
  return otherFileError(text, kind) ?? explainYaml(error, text, kind);
}

/**
 * The error for what is given as a bundles.yaml and is another kind of file: an object of Kubernetes, or a lock. It is called
 * what it is, where each of its keys would be called unknown.
 */
function otherFileError(text: string, kind: YamlFileKind): BundlesError | undefined {
  const lock = /^# Written by bundles ensure/.exec(text);
  if (lock !== null) {
    return refused(text, lock.index, {
      message: 'this is a bundles.lock, wanted a bundles.yaml',
      hint: 'Name the bundles.yaml in the same directory',
      kind,
    });
  }
  const found =
    /(?:^kind|^[ \t]*"kind"|[{,][ \t]*"kind")[ \t]*:[ \t]*["']?(?<kind>[A-Za-z][A-Za-z0-9]{0,62})["']?[ \t]*(?:[,}#\r]|$)/m.exec(
      text,
    );
  const version =
    /(?:^apiVersion|^[ \t]*"apiVersion"|[{,][ \t]*"apiVersion")[ \t]*:[ \t]*["']?(?<version>[a-z0-9./-]{1,100})/m.exec(
      text,
    );
  const object = found?.groups?.kind;
  if (found === null || version === null || object === undefined) return undefined;
  if (/(?:^|")(?:bundles|discover|repository)"?[ \t]*:/m.test(text)) return undefined;
  const tekton = version.groups?.version?.startsWith('tekton.dev/') === true;
  return refused(text, found.index, {
    message: `this is ${/^[AEIOU]/.test(object) ? 'an' : 'a'} ${showText(object).slice(1, -1)} (${version.groups?.version}), wanted a bundles.yaml`,
    hint: tekton
      ? 'Declare it as files: of a bundle, which npx tekton-bundles init does for a folder; or check the file: npx tekton-bundles lint FILE'
      : 'Name the bundles.yaml of the project with --config',
    kind,
  });
}

function refused(
  text: string,
  index: number,
  { message, hint, kind }: { readonly message: string; readonly hint: string; readonly kind: YamlFileKind },
) {
  const { line, column } = positionOf(text, index);
  const lines = linesOf(text);
  const length = Math.min(60, (lines[line - 1] ?? '').length);
  const shown = excerpt(lines, { line, column, length });
  return placedError([{ path: '', line, column, message, hint, excerpt: shown }], kind, {
    rule: 'other-file',
  });
}
