import { BundlesError } from '../../errors.js';
import { fromJson } from '../objects/from-json.js';
import { type ParsedYaml, parseYaml, type YamlPlace } from '../yaml/parse-yaml.js';
import { DEEPEST_NESTING } from '../yaml/parser.js';
import { isTooDeep, readJsonValue } from './read-json-value.js';

/** One document of a source file, not yet understood. */
export interface SourceDocument {
  /** `json` keeps the source's own bytes in the layer; `yaml` is converted. */
  readonly syntax: 'json' | 'yaml';
  readonly text: string;
  /** The file's line at which the text starts, counted from 1. */
  readonly line: number;
}

/**
 * Cuts a file into documents exactly as Kubernetes' YAMLOrJSONDecoder does with its buffer of 4096 bytes:
 * a stream of JSON values if it starts with `{`, else YAML cut at every line that starts with `---`.
 * @throws YAML_INVALID with details {file, document, line}
 */
export function splitDocuments(text: string, file: string): SourceDocument[] {
  if (!startsAsJson(text)) return splitYaml(text, { file, from: 0, before: [] });
  const documents: SourceDocument[] = [];
  let at = 0;
  let line = 1;
  for (;;) {
    const start = skipJsonSpace(text, at);
    if (start === text.length) return documents;
    const end = readJsonValue(text, start);
    if (end === undefined) break;
    line += countLines(text.slice(at, start));
    if (documents.length === MOST_DOCUMENTS) throw tooMany(file, line);
    documents.push({ syntax: 'json', text: text.slice(start, end), line });
    line += countLines(text.slice(start, end));
    at = end;
  }
  if (documents.length > 1) throw notJson(text, skipJsonSpace(text, at), { file, documents });
  const from = skipSpaceToLineEnd(text, at);
  if (from === undefined) throw notJson(text, skipJsonSpace(text, at), { file, documents });
  return splitYaml(text, { file, from, before: documents });
}

/** The value of one document, by the rules of its syntax. @throws YAML_INVALID */
export function parseDocument(document: SourceDocument, place: YamlPlace): ParsedYaml {
  if (document.syntax === 'yaml') return parseYaml(document.text, place);
  return { value: fromJson(document.text), ignoredLine: undefined };
}

/** The characters of Go's `unicode.IsSpace`, for use in a character class; unlike `\s`, without the BOM. */
const goSpace = '\\t\\n\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leadingSpace = new RegExp(`^[${goSpace}]*`);
const separatorRest = new RegExp(`^[${goSpace}]*(?:#|$)`);
const BUFFER_SIZE = 4096;
/** A bundle holds 20 objects; files that hold a whole catalog have a few hundred. */
const MOST_DOCUMENTS = 10_000;

function startsAsJson(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first > 32 && first < 0x80) return first === 123;
  const space = leadingSpace.exec(text)?.[0] ?? '';
  return text.charAt(space.length) === '{' && Buffer.byteLength(space) < BUFFER_SIZE;
}

function skipJsonSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

/**
 * Where YAML goes on after JSON: behind blanks up to the first line's end.
 * The decoder looks at four bytes at a time and gives up where there are fewer.
 */
function skipSpaceToLineEnd(text: string, from: number): number | undefined {
  const space = new RegExp(`[${goSpace}]`);
  let at = from;
  for (;;) {
    if (Buffer.byteLength(text.slice(at, at + 4)) < 4) return undefined;
    const character = text.charAt(at);
    if (character === '\ufffd') return undefined;
    if (!space.test(character)) return at;
    at++;
    if (character === '\n') return at;
  }
}

interface YamlPart {
  readonly file: string;
  readonly from: number;
  readonly before: readonly SourceDocument[];
}

function splitYaml(whole: string, { file, from, before }: YamlPart): SourceDocument[] {
  const documents = [...before];
  let text = (from === 0 ? whole : whole.slice(from)).replaceAll('\r\n', '\n');
  let line = from === 0 ? 1 : lineAt(whole, from);
  if (text !== '' && !text.endsWith('\n')) {
    refuseLostLine(text, { file, document: documents.length + 1, line });
    text += '\n';
  }
  let start = 0;
  for (let at = separatorFrom(text, 0); at >= 0; ) {
    const end = text.indexOf('\n', at);
    if (!separatorRest.test(text.slice(at + 3, end))) {
      const separator = line + countLines(text.slice(start, at));
      throw badSeparator(text.slice(at, end), { file, document: documents.length + 1, line: separator });
    }
    // A separator with nothing before it belongs to the document that it opens.
    if (at > start) {
      if (documents.length === MOST_DOCUMENTS) throw tooMany(file, line);
      documents.push({ syntax: 'yaml', text: text.slice(start, at), line });
      line += countLines(text.slice(start, end + 1));
      start = end + 1;
    }
    at = separatorFrom(text, end);
  }
  if (start < text.length) documents.push({ syntax: 'yaml', text: text.slice(start), line });
  return documents;
}

/** The next line start at or behind `from` where `---` is; -1 when there is none. */
function separatorFrom(text: string, from: number): number {
  if (from === 0 && text.startsWith('---')) return 0;
  const at = text.indexOf('\n---', from);
  return at < 0 ? -1 : at + 1;
}

function lineAt(text: string, offset: number): number {
  return 1 + countLines(text.slice(0, offset));
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Kubernetes' reader loses a last line without newline that fills its buffers exactly; so would tkn. */
function refuseLostLine(text: string, place: { file: string; document: number; line: number }): void {
  const last = text.slice(text.lastIndexOf('\n') + 1);
  const size = Buffer.byteLength(last);
  if (size < BUFFER_SIZE || (size % BUFFER_SIZE !== 0 && !last.includes('\r'))) return;
  const line = place.line + countLines(text);
  throw new BundlesError(
    'YAML_INVALID',
    `Cannot read ${JSON.stringify(place.file)}, line ${line}: found a last line of ${size} bytes without a newline, which Tekton's tools lose`,
    { hint: 'End the file with a newline', details: { ...place, line } },
  );
}

function badSeparator(
  found: string,
  details: { file: string; document: number; line: number },
): BundlesError {
  const shown = JSON.stringify(found.slice(0, 80));
  return new BundlesError(
    'YAML_INVALID',
    `Cannot split ${JSON.stringify(details.file)}, document ${details.document}, line ${details.line}: found ${shown} at the start of a line, wanted --- alone or with a # comment`,
    {
      hint: 'A line that starts with --- always separates documents, also inside quoted and block text: indent it',
      details: { ...details, column: 1 },
    },
  );
}

function tooMany(file: string, line: number): BundlesError {
  return new BundlesError(
    'YAML_INVALID',
    `Cannot split ${JSON.stringify(file)}, line ${line}: found more than ${MOST_DOCUMENTS} documents`,
    { hint: 'Split the file', details: { file, document: MOST_DOCUMENTS + 1, line } },
  );
}

function notJson(
  text: string,
  offset: number,
  { file, documents }: { file: string; documents: readonly SourceDocument[] },
): BundlesError {
  const details = { file, document: documents.length + 1, line: lineAt(text, offset) };
  const found = isTooDeep(text, offset)
    ? `found JSON with more than ${DEEPEST_NESTING} collections inside each other`
    : 'found no whole JSON value, wanted one as the file starts with {';
  return new BundlesError(
    'YAML_INVALID',
    `Cannot read ${JSON.stringify(file)}, document ${details.document}, line ${details.line}: ${found}`,
    { hint: 'Correct the JSON, or separate YAML documents with --- lines', details },
  );
}
