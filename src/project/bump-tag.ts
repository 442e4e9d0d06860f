import { isMap, isScalar, isSeq, type Pair, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import { BundlesError } from '../errors.js';
import { isTag } from '../oci/repository-name.js';
import { showText } from '../yaml-file/show-text.js';
import { matchesOf, planRename, type Rename } from './bump-path.js';
import { parseProject } from './parse-project-text.js';
import type { BundleSpec, Project } from './project.js';

const versionParts = ['patch', 'minor', 'major'] as const;
export type VersionPart = (typeof versionParts)[number];

export interface BumpedTag {
  readonly text: string;
  readonly tag: string;
  /** Where the tag comes from the bundle's path: what is to be renamed. */
  readonly rename?: Pick<Rename, 'from' | 'to'>;
}

/**
 * Raises the tag of one bundle in the text of a bundles.yaml: its own `tag` or `reference`, the project's `tag` where no
 * other bundle has it, else a `tag` that is added to the bundle. Where `discover` takes the tag from the path, the path is to
 * be renamed instead. A `workflow.version` that states the same as the tag is
 * raised with it. Every other byte stays.
 *
 * @throws USAGE where the tag is not a version, or its path cannot be renamed without a loss; CONFIG_INVALID where the text is written so that it cannot be edited
 */
export function bumpTag(text: string, project: Project, bundle: BundleSpec, part: VersionPart): BumpedTag {
  const next = nextVersion(bundle.reference.tag, part);
  const rename = renameOf(text, project, bundle, next);
  const edited = rename ? editVersion(text, bundle, next) : editTag(text, project, bundle, next);
  const matches = rename?.matches ?? matchesOf(project.bundles);
  const after = edited === undefined ? undefined : parseProject(edited, project.file, {}, matches);
  if (edited !== undefined && after && isOnlyTagRaised(project, after, bundle, next))
    return { text: edited, tag: next, ...(rename && { rename: { from: rename.from, to: rename.to } }) };
  throw new BundlesError(
    'CONFIG_INVALID',
    `Cannot bump ${showText(bundle.name)} in ${showText(project.file)}: its tag is shared by an anchor, an alias or a merge key`,
    { hint: `Change the tag to ${next} by hand` },
  );
}

/** Undefined where the tag is in the file. */
function renameOf(text: string, project: Project, bundle: BundleSpec, next: string): Rename | undefined {
  const root = mapIn(parseDocument(text).contents);
  const own = mapIn(valueIn(mapIn(valueIn(root, 'bundles')), bundle.name));
  if (valueIn(own, 'reference') ?? valueIn(own, 'tag')) return undefined;
  const rule = ruleIn(root, bundle);
  const [files, template] = [scalarIn(rule, 'files')?.value, scalarIn(rule, 'tag')?.value];
  if (typeof files !== 'string' || typeof template !== 'string' || !template.includes('{')) return undefined;
  return planRename(project, bundle, { files, template, next });
}

function ruleIn(root: YAMLMap | undefined, { discovered }: BundleSpec): YAMLMap | undefined {
  const rules = valueIn(root, 'discover');
  return discovered && isSeq(rules) ? mapIn(rules.items[discovered.rule]) : undefined;
}

/** The version of the workflow alone. */
function editVersion(
  text: string,
  { name, reference: { tag } }: BundleSpec,
  next: string,
): string | undefined {
  const root = mapIn(parseDocument(text).contents);
  const edit = versionEdit(text, mapIn(valueIn(mapIn(valueIn(root, 'bundles')), name)), tag, next);
  return edit === 'impossible' ? undefined : applyEdits(text, edit ? [edit] : []);
}

function versionEdit(
  text: string,
  own: YAMLMap | undefined,
  tag: string,
  next: string,
): Edit | 'impossible' | undefined {
  const version = scalarIn(mapIn(valueIn(own, 'workflow')), 'version');
  if (!version || `${version.value}` !== withoutV(tag)) return undefined;
  return replaceIn(text, version, withoutV(tag), withoutV(next)) ?? 'impossible';
}

function editTag(text: string, { bundles }: Project, bundle: BundleSpec, next: string): string | undefined {
  const { name, reference } = bundle;
  const { tag } = reference;
  const root = mapIn(parseDocument(text).contents);
  const declared = mapIn(valueIn(root, 'bundles'));
  const own = mapIn(valueIn(declared, name));
  if (!root || (!own && !bundle.discovered)) return undefined;
  const rule = ruleIn(root, bundle);
  const alone = bundles.every((other) => other.name === name || other.reference.tag !== tag);
  const shared = alone ? (scalarIn(rule, 'tag') ?? scalarIn(root, 'tag')) : undefined;
  const where = scalarIn(own, 'reference') ?? scalarIn(own, 'tag') ?? shared;
  if (!where && (valueIn(own, 'reference') ?? valueIn(own, 'tag'))) return undefined;
  const added = own ? insertTag(text, own, next) : insertBundle(text, declared, name, next);
  const edits = [where ? replaceIn(text, where, tag, next) : added];
  const version = versionEdit(text, own, tag, next);
  if (version !== undefined) edits.push(version === 'impossible' ? undefined : version);
  return edits.some((edit) => edit === undefined) ? undefined : applyEdits(text, edits);
}

/** What is read back must be the same project but for the tag, and the workflow's version that follows from it. */
function isOnlyTagRaised(before: Project, after: Project, { name }: BundleSpec, tag: string): boolean {
  const facts = ({ bundles }: Project) =>
    bundles.map((one) =>
      one.name === name
        ? { ...one, reference: { ...one.reference, tag }, workflow: null, files: null, discovered: null }
        : one,
    );
  const raised = after.bundles.find((one) => one.name === name)?.reference.tag;
  return raised === tag && JSON.stringify(facts(before)) === JSON.stringify(facts(after));
}

/** A pre-release is raised to its release. */
function nextVersion(tag: string, part: VersionPart): string {
  const match = /^(v?)(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]+)?$/.exec(tag);
  if (!match) {
    throw new BundlesError(
      'USAGE',
      `Cannot bump the tag ${showText(tag)}: found no version, wanted v1.2.3 or 1.2.3`,
      {
        hint: 'Change it by hand in bundles.yaml',
      },
    );
  }
  const [, v = '', ...numbers] = match;
  const [major = 0, minor = 0, patch = 0] = numbers.slice(0, 3).map(Number);
  const before = match[5] !== undefined;
  if (part === 'major' && !(before && minor === 0 && patch === 0)) return `${v}${major + 1}.0.0`;
  if (part === 'minor' && !(before && patch === 0)) return `${v}${major}.${minor + 1}.0`;
  return part === 'patch' && !before
    ? `${v}${major}.${minor}.${patch + 1}`
    : `${v}${major}.${minor}.${patch}`;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function replaceIn(text: string, node: Scalar, from: string, to: string): Edit | undefined {
  const [start, end] = node.range ?? [0, 0];
  const at = text.slice(start, end).lastIndexOf(from);
  if (at < 0 || node.anchor !== undefined || !isTag(to)) return undefined;
  return { start: start + at, end: start + at + from.length, text: to };
}

/** Before the bundle's first key, laid out as that one is. */
function insertTag(text: string, own: YAMLMap, tag: string): Edit | undefined {
  const key = own.items[0]?.key;
  const start = isScalar(key) ? key.range?.[0] : undefined;
  if (start === undefined) return undefined;
  if (own.flow) return { start, end: start, text: `tag: ${tag}, ` };
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const indent = text.slice(lineStart, start);
  if (indent.trim() !== '') return undefined;
  const lineEnd = text[text.indexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
  return { start, end: start, text: `tag: ${tag}${lineEnd}${indent}` };
}

/** An entry for a discovered bundle that has none: before the first one, or at the end of a file without any. */
function insertBundle(
  text: string,
  bundles: YAMLMap | undefined,
  name: string,
  tag: string,
): Edit | undefined {
  const lineEnd = text[text.indexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
  const entry = `${name}: {tag: ${tag}}`;
  const key = bundles?.items[0]?.key;
  const start = isScalar(key) ? key.range?.[0] : undefined;
  if (bundles?.flow && start !== undefined) return { start, end: start, text: `${entry}, ` };
  if (start !== undefined) {
    const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
    return indent.trim() === '' ? { start, end: start, text: `${entry}${lineEnd}${indent}` } : undefined;
  }
  if (bundles !== undefined) return undefined;
  const before = text === '' || text.endsWith('\n') ? '' : lineEnd;
  return { start: text.length, end: text.length, text: `${before}bundles:${lineEnd}  ${entry}${lineEnd}` };
}

function applyEdits(text: string, edits: readonly (Edit | undefined)[]): string {
  const made = edits.filter((edit) => edit !== undefined).sort((left, right) => right.start - left.start);
  return made.reduce(
    (result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end),
    text,
  );
}

function withoutV(tag: string): string {
  return tag.replace(/^v/, '');
}

function valueIn(map: YAMLMap | undefined, key: string): unknown {
  const pair = map?.items.find((item: Pair) => isScalar(item.key) && item.key.value === key);
  return pair?.value ?? undefined;
}

function mapIn(node: unknown): YAMLMap | undefined {
  return isMap(node) ? node : undefined;
}

function scalarIn(map: YAMLMap | undefined, key: string): Scalar | undefined {
  const value = valueIn(map, key);
  return isScalar(value) ? value : undefined;
}
