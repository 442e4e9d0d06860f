import { BundlesError } from '../../errors.js';
import type { Source } from '../objects/object.js';
import { decodeSource } from '../sources/decode-source.js';
import { parseDocument } from '../sources/parse-document.js';
import { type SourceDocument, splitDocuments } from '../sources/split-documents.js';
import { childEntry, findWritten, parseNodes, type WrittenScalar, type YamlNode } from '../yaml/nodes.js';
import type { YamlValue } from '../yaml/value.js';
import { imagePaths, valueAt } from './image-paths.js';

/** An `image` field of a source file. */
export interface SourceImage {
  /** Its value. */
  readonly text: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

export interface ReplacedImages {
  readonly source: Source;
  /** Fields that could not be changed without touching something else, e.g. block text or a shared anchor. */
  readonly kept: readonly SourceImage[];
}

/** Every `image` field of a source file, in its order. @throws YAML_INVALID, SOURCE_TOO_LARGE */
export function findImages(source: Source): SourceImage[] {
  return readDocuments(decodeSource(source), source.path).flatMap((document) =>
    placeImages(document).map(({ text, line, column }) => ({ text, file: source.path, line, column })),
  );
}

/**
 * The source with the texts of its `image` fields replaced and not a byte changed elsewhere: comments, layout and
 * quotes stay. The result is read back: a change that would do anything else is not made.
 *
 * @throws YAML_INVALID, SOURCE_TOO_LARGE
 */
export function replaceImages(source: Source, replace: (text: string) => string | undefined): ReplacedImages {
  const text = decodeSource(source);
  const documents = readDocuments(text, source.path);
  const wanted = documents
    .flatMap(placeImages)
    .filter((place) => replacementOf(place, replace) !== undefined);
  const edits = new Map<number, { readonly end: number; readonly text: string }>();
  for (const { token, text: old } of wanted) {
    const next = replace(old);
    if (token && next !== undefined)
      edits.set(token.start, { end: token.end, text: token.quote + next + token.quote });
  }
  const edited = apply(text, edits);
  const proven = isOnlyReplaced(documents, { edited, path: source.path, replace });
  const missing = wanted.filter(({ token }) => !proven || token === undefined);
  const kept = missing.map(({ text, line, column }) => ({ text, file: source.path, line, column }));
  if (!proven || edits.size === 0) return { source, kept };
  return { source: { ...source, bytes: Buffer.from(edited, 'utf8') }, kept };
}

function replacementOf(
  { text }: PlacedImage,
  replace: (text: string) => string | undefined,
): string | undefined {
  const next = replace(text);
  return next === text ? undefined : next;
}

/** A document with where its text stands in the file. */
interface ReadDocument {
  readonly document: SourceDocument;
  readonly value: YamlValue;
  /** The file's offset of an offset in the document's text. */
  readonly offsetInFile: (offset: number) => number;
  readonly file: string;
  /** Of the whole file. */
  readonly whole: string;
}

function readDocuments(whole: string, file: string): ReadDocument[] {
  const lineStarts = [0];
  for (let at = whole.indexOf('\n'); at >= 0; at = whole.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  let jsonEnd = 0;
  return splitDocuments(whole, file).map((document, index) => {
    const place = { file, document: index + 1, line: document.line };
    const { value } = parseDocument(document, place);
    if (document.syntax === 'json') {
      const start = whole.indexOf(document.text, jsonEnd);
      jsonEnd = start + document.text.length;
      return { document, value, file, whole, offsetInFile: (offset) => start + offset };
    }
    // Its line ends were made one character each: lines and columns are the same as in the file.
    const offsetInFile = (offset: number) => {
      const before = document.text.slice(0, offset).split('\n');
      const start = lineStarts[document.line - 1 + before.length - 1] ?? whole.length;
      return start + (before.at(-1)?.length ?? 0);
    };
    return { document, value, file, whole, offsetInFile };
  });
}

interface PlacedImage {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** The characters that say it; undefined where none of the file's say it plainly. */
  readonly token: WrittenScalar | undefined;
}

function placeImages(read: ReadDocument): PlacedImage[] {
  const { document, value, offsetInFile, whole } = read;
  const mark = document.text.startsWith('\ufeff') ? 1 : 0;
  // JSON is not quite YAML: its fields may be named without their place, and kept.
  const root = parseNodes(document.text.slice(mark));
  const found = imagePaths(value).map((path) => ({
    text: String(valueAt(value, path)),
    node: path.reduce<YamlNode | undefined>((node, part) => node && childEntry(node, part)?.value, root),
  }));
  const direct = new Set<YamlNode | undefined>(found.map(({ node }) => node));
  return found.map(({ text, node: given }) => {
    // An alias of another image field changes with it; of anything else, the alias itself is what changes.
    const node = given?.type === 'alias' && direct.has(given.target) ? given.target : given;
    const at = offsetInFile((node?.offset ?? 0) + mark);
    const before = whole.slice(0, at);
    return {
      text,
      line: before.split('\n').length,
      column: at - (before.lastIndexOf('\n') + 1) + 1,
      token: node && findWritten(whole, at, { node, text }),
    };
  });
}

function apply(
  text: string,
  edits: ReadonlyMap<number, { readonly end: number; readonly text: string }>,
): string {
  let result = '';
  let at = 0;
  for (const [start, edit] of [...edits].sort(([left], [right]) => left - right)) {
    result += text.slice(at, start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

interface Proof {
  readonly edited: string;
  readonly path: string;
  readonly replace: (text: string) => string | undefined;
}

/** Whether the edited text says the same as before but for `image` fields, which say what they were to say. */
function isOnlyReplaced(before: readonly ReadDocument[], { edited, path, replace }: Proof): boolean {
  let after: ReadDocument[];
  try {
    after = readDocuments(edited, path);
  } catch (error) {
    if (error instanceof BundlesError) return false;
    throw error;
  }
  return (
    before.length === after.length &&
    before.every(({ value }, index) => sameBut(value, after[index]?.value ?? null, { key: '', replace }))
  );
}

function sameBut(
  old: YamlValue,
  now: YamlValue,
  rule: { readonly key: string; readonly replace: Proof['replace'] },
): boolean {
  if (Array.isArray(old)) {
    if (!Array.isArray(now) || now.length !== old.length) return false;
    return old.every((item, index) => sameBut(item, now[index] ?? null, { ...rule, key: '' }));
  }
  if (old instanceof Map) {
    if (!(now instanceof Map) || now.size !== old.size) return false;
    return [...old].every(
      ([key, item]) => now.has(key) && sameBut(item, now.get(key) ?? null, { ...rule, key }),
    );
  }
  if (Object.is(old, now)) return true;
  return rule.key === 'image' && typeof old === 'string' && now === rule.replace(old);
}
