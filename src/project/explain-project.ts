import type { BundlesError } from '../errors.js';
import { explainYaml } from '../yaml-file/explain-yaml.js';
import type { YamlFileKind } from '../yaml-file/problems-error.js';
import { otherFileError } from './other-file.js';

/**
 * Explains why a bundles.yaml was refused: it is another kind of file, or has a likely mistake. Loaded only after an
 * error.
 */
export function explainProject(error: BundlesError, text: string, kind: YamlFileKind): BundlesError {
  return otherFileError(text, kind) ?? explainYaml(error, text, kind);
}
