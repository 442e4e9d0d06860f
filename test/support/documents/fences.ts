import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

/** A fenced block of a page, with what follows its language: ` ```sh exit="4" `. */
export interface Fence {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  /** What follows the marks, where it cannot be read as a language with attributes. */
  readonly unread: string;
}

/** The documents whose fences run: those at the root of the repository, but for the history, and everything in docs/. */
export function documentPages(): readonly string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file.replaceAll('\\', '/')}`);
  const top = readdirSync(root).filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md');
  return [...top.sort(), ...docs.sort()];
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8').replaceAll('\r\n', '\n');
}

export function readFences(page: string, text = readPage(page)): readonly Fence[] {
  const fences: Fence[] = [];
  let open: { mark: string; indent: number; info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, space = '', mark = '', info = ''] = /^( *)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open === undefined) {
      if (mark !== '') open = { mark, indent: space.length, info: info.trim(), line: index + 1, lines: [] };
    } else if (mark.startsWith(open.mark) && info.trim() === '') {
      fences.push({ page, line: open.line, text: `${open.lines.join('\n')}\n`, ...readInfo(open.info) });
      open = undefined;
    } else open.lines.push(line.replace(new RegExp(`^ {0,${open.indent}}`), ''));
  }
  return fences;
}

function readInfo(info: string): Pick<Fence, 'language' | 'attributes' | 'unread'> {
  const [, language = '', rest = ''] = /^([\w+-]*)(.*)$/.exec(info) ?? [];
  const attributes: Record<string, string> = {};
  const unread = rest.replace(/ ([a-z-]+)="([^"]*)"/g, (_all, name: string, value: string) => {
    attributes[name] = value;
    return '';
  });
  return { language, attributes, unread };
}

const known = new Set(['not-run', 'run-by', 'needs', 'exit', 'file', 'format']);
const outputs = new Set(['', 'text', 'console']);
const data = new Set(['yaml', 'yml', 'json']);
const scripts = new Set(['ts', 'js', 'mts', 'mjs']);

export const isOutput = ({ language, attributes }: Fence) =>
  outputs.has(language) && attributes.file === undefined;
export const isData = ({ language }: Fence) => data.has(language);
export const isScript = ({ language, attributes }: Fence) =>
  scripts.has(language) && attributes.file === undefined;
export const isShell = ({ language }: Fence) => language === 'sh';

/** Those that a page's test plays: the rest has a reason, or another test that runs it. */
export function isPlayed(fence: Fence): boolean {
  const { attributes } = fence;
  return (
    attributes['not-run'] === undefined && attributes['run-by'] === undefined && !isReferenceExample(fence)
  );
}

/** The examples on the pages of commands, which `test/e2e/examples.test.ts` runs in a project of its own. */
export function isReferenceExample({ page, language, attributes }: Fence): boolean {
  const unmarked = Object.keys(attributes).length === 0;
  return page.startsWith('docs/reference/commands/') && language === 'sh' && unmarked;
}

/** What keeps a fence from being run or excused, in the words of a reviewer. */
function faultOf(fence: Fence, before: Fence | undefined): string | undefined {
  const { page, attributes, unread, language } = fence;
  if (unread.trim() !== '') return `cannot be read: ${unread}`;
  const unknown = Object.keys(attributes).filter((name) => !known.has(name));
  if (unknown.length > 0) return `has unknown attributes: ${unknown.join(', ')}`;
  const reason = attributes['not-run'];
  if (reason !== undefined) return reason.length < 8 ? 'not-run gives no reason' : undefined;
  const runner = attributes['run-by'];
  if (runner !== undefined) return runnerFault(page, runner);
  if (attributes.file !== undefined) return undefined;
  if (isOutput(fence)) {
    if (before === undefined) return 'shows output, and there is no command before it';
    if (isReferenceExample(before)) return 'shows the output of an example, which nothing compares';
    return undefined;
  }
  if (isShell(fence) || isScript(fence) || isData(fence)) return undefined;
  return `nothing runs ${language}: give it a reason (not-run="…") or a test (run-by="…")`;
}

function runnerFault(page: string, runner: string): string | undefined {
  if (!existsSync(join(root, runner))) return `run-by names a test that is not there: ${runner}`;
  const named = page.split('/').slice(-2).join('/');
  const code = readFileSync(join(root, runner), 'utf8');
  return code.includes(named) || code.includes(page) ? undefined : `${runner} does not name ${named}`;
}

/** Faults of all fences of a page. An output has the reason or the test of the command before it. */
export function faultsOf(page: string, text?: string): readonly string[] {
  const faults: string[] = [];
  let before: Fence | undefined;
  for (const fence of readFences(page, text)) {
    const fault = faultOf(fence, before);
    if (fault !== undefined) faults.push(`${page}:${fence.line}: ${fault}`);
    if (isShell(fence) || isScript(fence)) before = fence;
  }
  return faults;
}
