import { BundlesError } from '../../errors.js';
import { partValue, ValueBuilder } from './build-value.js';
import { type ParsedDocument, parseInto } from './parser.js';
import type { YamlValue } from './value.js';
import { positionAt, YamlProblem } from './yaml-problem.js';

/** Where a text comes from, for messages. */
export interface YamlPlace {
  readonly file: string;
  /** Counted from 1 within the file. */
  readonly document: number;
  /** The line of the file at which the text starts, counted from 1. */
  readonly line: number;
}

export interface ParsedYaml {
  readonly value: YamlValue;
  /** The line of the file from which text behind the document's end is ignored, if there is any. */
  readonly ignoredLine: number | undefined;
}

/**
 * Reads the first document of a text as go-yaml v2 reads it for Kubernetes. Numbers, booleans and null
 * follow YAML 1.1; a later duplicate of a key wins.
 * @throws YAML_INVALID with details {file, document, line, column}
 */
export function parseYaml(text: string, place: YamlPlace): ParsedYaml {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const body = start === 0 ? text : text.slice(1);
  try {
    refuseCharacters(body);
    const parsed = parseInto(body, new ValueBuilder());
    const value = parsed.root === undefined ? null : partValue(parsed.root);
    return { value, ignoredLine: ignoredLine(body, parsed, place) };
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw yamlInvalid(body, error, place);
  }
}

// Go reads none of these; a byte order mark further in, it skips or keeps by chance.
const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]/;

function refuseCharacters(text: string): void {
  const offset = text.search(forbidden);
  if (offset < 0) return;
  const code = text.charCodeAt(offset);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const what = code === 0xfeff ? 'a byte order mark inside the text' : 'a character that YAML does not allow';
  throw new YamlProblem(
    offset,
    `found ${name}, ${what}`,
    'Write it as an escape in double quotes, or remove it',
  );
}

function ignoredLine(
  text: string,
  { ignoredFrom }: ParsedDocument<unknown>,
  place: YamlPlace,
): number | undefined {
  if (ignoredFrom === undefined) return undefined;
  let at = ignoredFrom;
  for (;;) {
    while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++;
    if (at === text.length) return undefined;
    if (text.charAt(at) !== '#') return place.line + positionAt(text, at).line - 1;
    const end = text.indexOf('\n', at);
    at = end < 0 ? text.length : end;
  }
}

function yamlInvalid(text: string, problem: YamlProblem, place: YamlPlace): BundlesError {
  const { line, column } = positionAt(text, problem.offset);
  const details = { file: place.file, document: place.document, line: place.line + line - 1, column };
  const where = `document ${details.document}, line ${details.line}, column ${details.column}`;
  return new BundlesError(
    'YAML_INVALID',
    `Cannot read ${JSON.stringify(place.file)}, ${where}: ${problem.message}`,
    {
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      details,
    },
  );
}
