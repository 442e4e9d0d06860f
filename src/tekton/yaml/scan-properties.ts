import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isWordCharacter } from './cursor.js';
import type { Token } from './token.js';
import { YamlProblem } from './yaml-problem.js';

/** Reads `&name` or `*name`. */
export function scanAnchor(cursor: Cursor): Token {
  const offset = cursor.offset;
  const alias = cursor.code() === 42;
  cursor.offset++;
  const value = takeWord(cursor);
  // A name may be followed by ? : , ] } % @ ` directly.
  if (
    value === '' ||
    (!isBlankOrEnd(cursor.code()) && !'?:,]}%@`'.includes(cursor.text.charAt(cursor.offset)))
  ) {
    throw new YamlProblem(
      offset,
      `found ${alias ? '*, which starts an alias,' : '&, which starts an anchor,'} without a name of letters, digits, _ and -`,
      'Quote a value that starts with * or &',
    );
  }
  return { type: alias ? 'alias' : 'anchor', offset, value, tag: '', implicit: false };
}

/** Reads `!`, `!local`, `!!name`, `!handle!name` or `!<uri>`. */
export function scanTag(cursor: Cursor): Token {
  const offset = cursor.offset;
  let value: string;
  let suffix: string;
  if (cursor.code(1) === 60) {
    cursor.offset += 2;
    value = '';
    suffix = takeUri(cursor, '');
    if (cursor.code() !== 62) throw new YamlProblem(offset, 'found a tag that starts with !< and has no >');
    cursor.offset++;
  } else {
    value = takeHandle(cursor);
    if (value.length > 1 && value.endsWith('!')) {
      suffix = takeUri(cursor, '');
    } else {
      suffix = takeUri(cursor, value);
      value = '!';
      if (suffix === '') [value, suffix] = ['', '!'];
    }
  }
  if (!isBlankOrEnd(cursor.code())) {
    throw new YamlProblem(
      offset,
      'found a tag without a space after it',
      'Quote a value that starts with !, or put a space after the tag',
    );
  }
  return { type: 'tag', offset, value, tag: suffix, implicit: false };
}

/** Reads a `%YAML` or `%TAG` line. */
export function scanDirective(cursor: Cursor): Token {
  const offset = cursor.offset;
  cursor.offset++;
  const name = takeWord(cursor);
  if ((name !== 'YAML' && name !== 'TAG') || !isBlankOrEnd(cursor.code())) {
    throw new YamlProblem(
      offset,
      'found an unknown directive: a line that starts with % is %YAML 1.1 or %TAG',
      'Quote a value that starts with %',
    );
  }
  while (isBlank(cursor.code())) cursor.offset++;
  const token = name === 'YAML' ? takeVersion(cursor, offset) : takeTagDirective(cursor, offset);
  cursor.skipBlanksAndComment();
  if (!isBreakOrEnd(cursor.code())) {
    throw new YamlProblem(cursor.offset, `found text after the %${name} directive`);
  }
  if (isBreak(cursor.code())) cursor.takeBreak();
  return token;
}

function takeVersion(cursor: Cursor, offset: number): Token {
  const match = /^([0-9]{1,2})\.([0-9]{1,2})(?![0-9])/.exec(
    cursor.text.slice(cursor.offset, cursor.offset + 6),
  );
  if (match === null) throw new YamlProblem(offset, 'found %YAML without a version, wanted %YAML 1.1');
  cursor.offset += match[0].length;
  const value = `${Number(match[1])}.${Number(match[2])}`;
  return { type: 'version-directive', offset, value, tag: '', implicit: false };
}

function takeTagDirective(cursor: Cursor, offset: number): Token {
  const value = takeHandle(cursor);
  if ((value !== '!' && !value.endsWith('!')) || !isBlank(cursor.code())) {
    throw new YamlProblem(offset, 'found %TAG without a handle such as !e! and a prefix');
  }
  while (isBlank(cursor.code())) cursor.offset++;
  const tag = takeUri(cursor, '');
  if (!isBlankOrEnd(cursor.code())) throw new YamlProblem(offset, 'found a bad prefix in the %TAG directive');
  return { type: 'tag-directive', offset, value, tag, implicit: false };
}

function takeHandle(cursor: Cursor): string {
  const from = cursor.offset;
  if (cursor.code() !== 33) throw new YamlProblem(from, 'found a tag handle that does not start with !');
  cursor.offset++;
  takeWord(cursor);
  if (cursor.code() === 33) cursor.offset++;
  return cursor.text.slice(from, cursor.offset);
}

const uriCharacters = /[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]%]*/y;

/** Reads a tag's URI; `head` is a handle that turned out to be its start. */
function takeUri(cursor: Cursor, head: string): string {
  uriCharacters.lastIndex = cursor.offset;
  const text = uriCharacters.exec(cursor.text)?.[0] ?? '';
  if (text === '' && head === '') throw new YamlProblem(cursor.offset, 'found a tag without a name');
  const uri = text.includes('%') ? unescapeUri(text, cursor.offset) : text;
  cursor.offset += text.length;
  return head.slice(1) + uri;
}

function unescapeUri(text: string, offset: number): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new YamlProblem(offset, 'found a bad % escape in a tag');
  }
}

function takeWord(cursor: Cursor): string {
  const from = cursor.offset;
  while (isWordCharacter(cursor.code())) cursor.offset++;
  return cursor.text.slice(from, cursor.offset);
}

/** What the tag prefixes of a document represent: `!`, `!!` and those that its %TAG directives declare. */
export class TagHandles {
  readonly #prefixes = new Map([
    ['!', '!'],
    ['!!', 'tag:yaml.org,2002:'],
  ]);
  readonly #declared = new Set<string>();

  addDirective(token: Token): void {
    const name = token.type === 'version-directive' ? '%YAML' : token.value;
    if (this.#declared.has(name)) throw new YamlProblem(token.offset, `found a second directive for ${name}`);
    this.#declared.add(name);
    if (token.type === 'tag-directive') {
      this.#prefixes.set(token.value, token.tag);
    } else if (token.value !== '1.1') {
      throw new YamlProblem(
        token.offset,
        `found %YAML ${token.value}, wanted 1.1: Tekton sources are read as YAML 1.1`,
        'Remove the %YAML line',
      );
    }
  }

  resolve(token: Token): string {
    if (token.value === '') return token.tag;
    const prefix = this.#prefixes.get(token.value);
    if (prefix !== undefined) return prefix + token.tag;
    throw new YamlProblem(token.offset, `found the tag handle ${token.value}, and no %TAG directive for it`);
  }
}
