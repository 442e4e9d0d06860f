import { fromJson } from '../objects/from-json.js';
import { type ParsedYaml, parseYaml, type YamlPlace } from '../yaml/parse-yaml.js';
import type { SourceDocument } from './split-documents.js';

/** The value of one document, by the rules of its syntax. @throws YAML_INVALID */
export function parseDocument(document: SourceDocument, place: YamlPlace): ParsedYaml {
  if (document.syntax === 'yaml') return parseYaml(document.text, place);
  return { value: fromJson(document.text), ignoredLine: undefined };
}
