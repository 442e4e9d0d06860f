import { parseYamlFile } from '../yaml-file/parse-yaml-file.js';

/** Parses a workflow document. @throws SCHEMA_INVALID with file, line and column */
export function parseDocument(text: string, file: string): unknown {
  return parseYamlFile(text, {
    what: 'document',
    file,
    invalid: 'SCHEMA_INVALID',
    conflictHint: 'Edit the file: keep what you need, and remove the markers',
  });
}
