import type { FieldPath } from '../objects/field-path.js';
import { findField } from '../objects/locate-field.js';
import { parseNodes, type YamlNode } from '../yaml/nodes.js';
import type { YamlValue } from '../yaml/value.js';
import { parseDocument, type SourceDocument, splitDocuments } from './split-documents.js';

/** A document of a text, with the means to find its fields there. */
export interface PlacedDocument {
  readonly syntax: SourceDocument['syntax'];
  readonly value: YamlValue;
  /** Undefined where JSON is written so that it is not YAML, and for texts of too many values. */
  readonly root: YamlNode | undefined;
  /** Where a node of the document is in the whole text. */
  offsetInFile(offset: number): number;
  /** Line and column, from 1, of a field of the document, or of what should have held it. */
  placeOf(path: FieldPath): { readonly line: number; readonly column: number };
}

/** The documents of a text. @throws YAML_INVALID */
export function placeDocuments(whole: string, file: string): PlacedDocument[] {
  const lineStarts = [0];
  for (let at = whole.indexOf('\n'); at >= 0; at = whole.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  let jsonEnd = 0;
  return splitDocuments(whole, file).map((document, index) => {
    const parsed = parseDocument(document, { file, document: index + 1, line: document.line });
    const mark = document.text.startsWith('\ufeff') ? 1 : 0;
    let start: number | undefined;
    if (document.syntax === 'json') {
      start = whole.indexOf(document.text, jsonEnd);
      jsonEnd = start + document.text.length;
    }
    const inYaml = yamlOffsets(document, lineStarts);
    const offsetInFile = (offset: number) => (start === undefined ? inYaml(offset + mark) : start + offset);
    const root = parseNodes(withoutYamlBreaks(document).slice(mark));
    return {
      syntax: document.syntax,
      value: parsed.value,
      root,
      offsetInFile,
      placeOf(path) {
        const at = offsetInFile(root === undefined ? 0 : findField(root, path).value.offset);
        const line = lineOf(lineStarts, at);
        return { line: line + 1, column: at - (lineStarts[line] ?? 0) + 1 };
      },
    };
  });
}

/** Line breaks of YAML are ordinary characters in JSON. Only where nodes are is of interest here: each stays one character. */
function withoutYamlBreaks({ text, syntax }: SourceDocument): string {
  return syntax === 'json' ? text.replace(/[\u0085\u2028\u2029]/g, '\ue000') : text;
}

/** Its line ends were made one character each: lines and columns are the same as in the file. */
function yamlOffsets(
  { text, line }: SourceDocument,
  lineStarts: readonly number[],
): (offset: number) => number {
  const own = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) own.push(at + 1);
  return (offset) => {
    const index = lineOf(own, offset);
    return (lineStarts[line - 1 + index] ?? 0) + offset - (own[index] ?? 0);
  };
}

/** Index of the last start that is not behind an offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
