import {
  type ConfigNode,
  listAt,
  mappingAt,
  recordAt,
  report,
  requireAt,
} from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText } from '../../yaml-file/show-text.js';
import { isBundleName } from '../config/bundle-name.js';
import { parsePath } from '../config/parse-path.js';
import { parseRepository, tagRule } from '../config/parse-reference-field.js';
import { parseText } from '../config/parse-scalar.js';
import { type FindMatchesOptions, findMatches, type Match } from './find-matches.js';
import {
  fillIn,
  type PathPattern,
  parsePattern,
  parseTemplate,
  placeholdersOf,
  type Template,
  type Values,
} from './pattern.js';

/**
 * The bundles that `discover` finds; what is wrong with it is reported.
 * @throws NOT_READABLE, SOURCE_TOO_LARGE
 */
export async function discoverBundles(node: ConfigNode, options: FindMatchesOptions): Promise<Discovered> {
  const rules = parseDiscover(node);
  const patterns = rules.map((rule) => rule?.pattern);
  return nameMatches(rules, await findMatches(patterns, options));
}

/** The same from matches at hand. */
export function discoverFrom(node: ConfigNode, matches: readonly Match[]): Discovered {
  return nameMatches(parseDiscover(node), matches);
}

const keys = ['files', 'name', 'repository', 'tag', 'annotations', 'labels'] as const;

/** An entry of `discover`: which paths are bundles, and the settings of each. */
interface DiscoverRule {
  readonly pattern: PathPattern;
  readonly name: Field | undefined;
  readonly repository: Field | undefined;
  readonly tag: Field | undefined;
  readonly annotations: readonly Field[];
  readonly labels: readonly Field[];
  readonly node: ConfigNode;
  readonly files: ConfigNode;
}

/** A text with placeholders, and where it is in the file. */
interface Field {
  readonly key: string;
  readonly template: Template;
  readonly node: ConfigNode;
}

/** A bundle that a path gives, before `bundles` states otherwise. */
export interface DiscoveredBundle {
  readonly match: Match;
  readonly node: ConfigNode;
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The entries of `discover`, undefined for one that is wrong, which is reported. */
function parseDiscover(node: ConfigNode): readonly (DiscoverRule | undefined)[] {
  const items = listAt(node);
  if (items?.length === 0) report(node, 'found an empty list, wanted at least one mapping with files');
  return (items ?? []).map(ruleAt);
}

function ruleAt(node: ConfigNode): DiscoverRule | undefined {
  const nodes = recordAt(node, keys, { path: 'Write files', pattern: 'Write files' });
  if (mappingAt({ ...node, problems: [] }) === undefined) {
    if (node.value === null) report(node, 'found nothing, wanted a mapping with files');
    return undefined;
  }
  const pattern = patternAt(nodes.files);
  if (pattern === undefined) return undefined;
  const known = pattern.placeholders;
  const field = (one: ConfigNode, key: string, most = 400): Field | undefined => {
    const template = templateAt(one, { known, most });
    return template && { key, template, node: one };
  };
  const fields = (map: ConfigNode): Field[] =>
    [...(mappingAt(map) ?? [])].flatMap(([key, child]) => field(child, key, 65_536) ?? []);
  if (nodes.name.value === undefined && !known.includes('name')) {
    const hint = 'Write name: with the placeholders that distinguish the bundles';
    report(nodes.files, 'found no placeholder {name}, wanted it in files, or a name: key', { hint });
  }
  return {
    pattern,
    name: field(nodes.name, 'name'),
    repository: field(nodes.repository, 'repository'),
    tag: field(nodes.tag, 'tag'),
    annotations: fields(nodes.annotations),
    labels: fields(nodes.labels),
    node,
    files: nodes.files,
  };
}

function patternAt(node: ConfigNode): PathPattern | undefined {
  const wanted = 'a path with placeholders, e.g. task/{name}/{version}/{name}.yaml';
  requireAt(node, wanted);
  if (Array.isArray(node.value)) {
    report(node, `found a list, wanted ${wanted}`, {
      hint: 'Give each path an entry of its own in discover',
    });
    return undefined;
  }
  const path = parsePath(node, wanted);
  if (path === undefined || typeof node.value !== 'string') return undefined;
  const pattern = parsePattern(path, node.value.endsWith('/'));
  if (!('wrong' in pattern)) return pattern;
  report(node, pattern.wrong);
  return undefined;
}

function templateAt(
  node: ConfigNode,
  { known, most }: { readonly known: readonly string[]; readonly most: number },
): Template | undefined {
  const text = parseText(node, { wanted: 'text, with placeholders of files', longest: most });
  if (text === undefined) return undefined;
  const template = parseTemplate(text);
  if ('wrong' in template) {
    report(node, template.wrong);
    return undefined;
  }
  const unknown = placeholdersOf(template).find((name) => !known.includes(name));
  if (unknown === undefined) return template;
  const close = nearest(unknown, known);
  const list =
    known.length === 0 ? 'which has none' : `which has ${known.map((name) => `{${name}}`).join(', ')}`;
  report(node, `found the placeholder {${unknown}}, wanted one of files, ${list}`, {
    hint: close && `Did you mean {${close}}?`,
  });
  return undefined;
}

export interface Discovered {
  readonly bundles: ReadonlyMap<string, DiscoveredBundle>;
  /** False where an entry is wrong, so that bundles may be missing. */
  readonly isWhole: boolean;
  /** What an entry leaves to the project. */
  readonly needs: Readonly<Record<'repository' | 'tag', boolean>>;
}

/**
 * The bundles that the matches give, by name. Reports a pattern that matches nothing, a name that no bundle can have, and
 * two paths of one name.
 */
function nameMatches(rules: readonly (DiscoverRule | undefined)[], matches: readonly Match[]): Discovered {
  const bundles = new Map<string, DiscoveredBundle>();
  const reported = new Set<string>();
  /** One report for each entry and kind of mistake: a hundred paths share it. */
  const once = (rule: number, kind: string, tell: () => void): void => {
    if (!reported.has(`${rule} ${kind}`)) tell();
    reported.add(`${rule} ${kind}`);
  };
  const matched = new Set(matches.map(({ rule }) => rule));
  for (const [index, rule] of rules.entries()) {
    if (rule === undefined || matched.has(index)) continue;
    const kind = rule.pattern.directories ? 'directory' : 'file';
    report(rule.files, `found no ${kind} at ${showText(String(rule.files.value))}, wanted at least one`, {
      hint: 'Paths are relative to the directory of this file; a pattern that ends with / matches directories',
    });
  }
  for (const match of matches) {
    const rule = rules[match.rule];
    if (rule === undefined) continue;
    const { name: field } = rule;
    const name = field ? fillIn(field.template, match.values) : match.values.name;
    if (name === undefined) continue;
    const at = field?.node ?? rule.files;
    if (!isBundleName(name)) {
      const wanted = 'wanted lower-case letters and digits with ".", "_" or "-" between them, at most 100';
      once(match.rule, 'name', () =>
        report(at, `${showText(match.path)} gives the bundle name ${showText(name)}, ${wanted}`),
      );
      continue;
    }
    const twin = bundles.get(name);
    if (twin !== undefined) {
      once(match.rule, 'twin', () => reportTwin(at, { name, rule, paths: [twin.match.path, match.path] }));
      continue;
    }
    bundles.set(name, describe(rule, match, once));
  }
  const isWhole = reported.size === 0 && rules.every((rule, index) => rule && matched.has(index));
  const lacks = (key: 'repository' | 'tag') =>
    rules.some((rule) => rule && !Object.hasOwn(rule.node.value as object, key));
  return { bundles, isWhole, needs: { repository: lacks('repository'), tag: lacks('tag') } };
}

function reportTwin(
  node: ConfigNode,
  {
    name,
    rule,
    paths,
  }: { readonly name: string; readonly rule: DiscoverRule; readonly paths: readonly string[] },
): void {
  const used = rule.name ? placeholdersOf(rule.name.template) : ['name'];
  const other = rule.pattern.placeholders.filter((placeholder) => !used.includes(placeholder));
  const more = [...used, ...other].map((placeholder) => `{${placeholder}}`).join('-');
  const hint =
    other.length === 0
      ? 'Keep one of them, or narrow a pattern'
      : `Write name: "${more}" to have a bundle for each`;
  const [first = '', second = ''] = paths;
  report(node, `${showText(first)} and ${showText(second)} both give the bundle ${showText(name)}`, { hint });
}

function describe(
  rule: DiscoverRule,
  match: Match,
  once: (rule: number, kind: string, tell: () => void) => void,
): DiscoveredBundle {
  const read = (
    field: Field | undefined,
    parse: (node: ConfigNode) => string | undefined,
  ): string | undefined => {
    if (field === undefined) return undefined;
    const node: ConfigNode = {
      value: fillIn(field.template, match.values),
      path: field.node.path,
      problems: [],
    };
    const value = parse(node);
    const [problem] = node.problems;
    if (problem !== undefined) {
      const message = `${showText(match.path)}: ${problem.message}`;
      once(match.rule, field.key, () => report(field.node, message, { hint: problem.hint }));
    }
    return value;
  };
  const texts = (fields: readonly Field[], values: Values): Readonly<Record<string, string>> =>
    Object.fromEntries(fields.map(({ key, template }) => [key, fillIn(template, values)]));
  return {
    match,
    node: rule.node,
    repository: read(rule.repository, parseRepository),
    tag: read(rule.tag, (node) => parseText(node, tagRule)),
    annotations: texts(rule.annotations, match.values),
    labels: texts(rule.labels, match.values),
  };
}
