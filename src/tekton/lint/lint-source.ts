import { type BundlesError, isBundlesError } from '../../errors.js';
import type { FieldPath } from '../objects/field-path.js';
import type { ObjectOrigin, Source, TektonObject } from '../objects/object.js';
import { objectOf } from '../objects/object-of.js';
import { advise } from '../sources/advise.js';
import { decodeSource } from '../sources/decode-source.js';
import { ignoredText, isBlank, nullDocument } from '../sources/read-source.js';
import { parseDocument, type SourceDocument, splitDocuments } from '../sources/split-documents.js';
import type { FeatureFlags } from '../validate/feature-flags.js';
import type { Field } from '../validate/field.js';
import type { Report } from '../validate/problem.js';
import { validateObject } from '../validate/validate-object.js';
import { parseNodes, type YamlNode } from '../yaml/nodes.js';
import { type Finding, type Fix, makeFinding } from './findings/finding.js';
import { createLocator, type Locator } from './findings/locator.js';
import { findInNodes } from './rules/node-rules.js';
import { findTraps } from './rules/object-rules.js';
import { isRuleName, lintRules, type RuleName } from './rules/rules.js';
import { findRefusedSignatures } from './rules/signature-rules.js';
import { readSuppressions } from './suppressions.js';

export interface LintedSource {
  readonly findings: Finding[];
  readonly objects: TektonObject[];
}

/** All findings about one file, in its order. */
export function lintSource(source: Source, flags: FeatureFlags): LintedSource {
  const linted: LintedSource = { findings: [], objects: [] };
  const text = attempt(source.path, linted.findings, () => decodeSource(source));
  if (text === undefined) return linted;
  const documents = attempt(source.path, linted.findings, () =>
    advise(text, () => splitDocuments(text, source.path)),
  );
  for (const [index, document] of (documents ?? []).entries()) {
    lintDocument(
      document,
      { file: source.path, document: index + 1, line: document.line },
      { linted, flags, text },
    );
  }
  return { ...linted, findings: withComments(linted.findings, text, source.path) };
}

function withComments(findings: readonly Finding[], text: string, file: string): Finding[] {
  const suppressions = readSuppressions(text);
  const shown = findings.filter(
    ({ rule, line }) => 'fatal' in lintRules[rule] || !suppressions.hides(rule, line),
  );
  const unknown = suppressions.wrong.map(({ name, line, column }) => {
    const start = { line, column };
    const end = { line, column: column + Math.max(1, name.length) };
    const message =
      name === ''
        ? 'found no rule in the comment, wanted the names of rules'
        : isRuleName(name)
          ? `found ${JSON.stringify(name)}, which cannot be hidden`
          : `found ${JSON.stringify(name)}, which is not a rule`;
    return makeFinding('unknown-rule', message, { file, span: { start, end } });
  });
  return [...shown, ...unknown].sort(byPosition);
}

function byPosition(left: Finding, right: Finding): number {
  return left.line - right.line || left.column - right.column;
}

interface DocumentContext {
  readonly linted: LintedSource;
  readonly flags: FeatureFlags;
  /** Of the whole file. */
  readonly text: string;
}

function lintDocument(
  document: SourceDocument,
  origin: ObjectOrigin,
  { linted, flags, text }: DocumentContext,
): void {
  const { findings, objects } = linted;
  const { file } = origin;
  const read = attempt(file, findings, () => advise(text, () => parseDocument(document, origin)));
  if (read === undefined) return;
  const root = document.syntax === 'yaml' ? parseNodes(document.text.replace(/^\ufeff/, '')) : undefined;
  const locator = createLocator(document, root);
  if (read.ignoredLine !== undefined) {
    findings.push(
      atLine('ignored-text', ignoredText(origin, read.ignoredLine).message, { file, line: read.ignoredLine }),
    );
  }
  if (read.value === null) {
    if (objects.length === 0 && isBlank(document.text)) return;
    findings.push(
      atLine('null-document', nullDocument(origin, false).message, {
        file,
        line: document.line,
        fix: removal(document),
      }),
    );
    return;
  }
  if (root !== undefined) for (const finding of lintNodes(root, origin, locator)) findings.push(finding);
  const object = attempt(
    file,
    findings,
    () => advise(text, () => objectOf(read.value, document, origin)),
    locator,
  );
  if (object === undefined) return;
  objects.push(object);
  const { kind, name, json } = object;
  const report: Report = (rule, { path }, message) => {
    const span = locator.field(path, rule === 'unknown-field' ? 'key' : undefined);
    findings.push(makeFinding(rule as RuleName, message, { file, span, path, object: { kind, name } }));
  };
  for (const { rule, path, message } of validateObject(read.value, flags)) report(rule, { path }, message);
  const whole: Field = { value: read.value, path: [] };
  findTraps(report, whole, { size: json.length });
  findRefusedSignatures(report, whole, object);
}

function lintNodes(root: YamlNode, { file, document }: ObjectOrigin, locator: Locator): Finding[] {
  return findInNodes(root).map(({ rule, node, path, message }) => {
    const isFixable = rule === 'unquoted-value' && locator.isPlain(node);
    const fix = { description: 'put it in quotes', edit: { document, path, text: node.value } };
    return makeFinding(rule, message, { file, span: locator.node(node), fix: isFixable ? fix : null });
  });
}

/** Takes an empty document away with the line that opens or closes it, unless it states something. */
function removal({ text, line }: SourceDocument): Fix | null {
  if (!/^(?:---[ \t]*\n)?[ \t\n]*$/.test(text)) return null;
  const lines = text.split('\n').length - 1;
  return {
    description: 'remove it',
    lines: { from: text.startsWith('---') ? line : line - 1, to: line + lines },
  };
}

/** What `task` gives; what it refuses becomes a finding. */
function attempt<T>(file: string, findings: Finding[], task: () => T, locator?: Locator): T | undefined {
  try {
    return task();
  } catch (error) {
    if (!isBundlesError(error, 'YAML_INVALID') && !isBundlesError(error, 'OBJECT_INVALID')) throw error;
    findings.push(refusal(error, file, locator));
    return undefined;
  }
}

function refusal(error: BundlesError, file: string, locator: Locator | undefined): Finding {
  const {
    line = 1,
    column = 1,
    path,
  } = error.details as { line?: number; column?: number; path?: FieldPath };
  const start = { line, column };
  const span =
    locator !== undefined && path !== undefined
      ? locator.field(path)
      : { start, end: { line, column: column + 1 } };
  const rule = error.code === 'YAML_INVALID' ? 'invalid-yaml' : 'invalid-object';
  return makeFinding(rule, withoutPlace(error.message, file), {
    file,
    span,
    hint: error.hint ?? null,
    ...(path === undefined ? {} : { path }),
  });
}

/** The message without file and line, which are separate fields. */
function withoutPlace(message: string, file: string): string {
  const quoted = JSON.stringify(file);
  const at = message.indexOf(': ', message.indexOf(quoted) + quoted.length);
  return message.slice(at + 2);
}

function atLine(
  rule: RuleName,
  message: string,
  { file, line, fix = null }: { readonly file: string; readonly line: number; readonly fix?: Fix | null },
): Finding {
  return makeFinding(rule, message, {
    file,
    span: { start: { line, column: 1 }, end: { line, column: 2 } },
    fix,
  });
}
