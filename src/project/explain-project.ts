import type { BundlesError } from '../errors.js';
import { explainYaml } from '../yaml-file/explain-yaml.js';
import type { YamlFileKind } from '../yaml-file/problems-error.js';
import { otherFileError } from './other-file.js';

/**
 * What is to be said of a bundles.yaml that was refused: that it is another kind of file, else what its author most likely
 * did. Loaded only where something is wrong.
 */
export function explainProject(error: BundlesError, text: string, kind: YamlFileKind): BundlesError {
  return otherFileError(text, kind) ?? explainYaml(error, text, kind);
}
