import { objectPart } from '../tekton/objects/object-part.js';
import {
  type PipelineParam,
  pipelineParams,
  type SchemaObject,
} from '../workflow/parameters/pipeline-params.js';
import { nearest } from '../yaml-file/nearest.js';
import { showText } from '../yaml-file/show-text.js';
import type { YamlPath } from '../yaml-file/yaml-position.js';
import { type DocumentProblem, problemAt } from './document-problem.js';
import { isMapping, itemsOf, member, textsOf } from './member.js';

/** The bundle whose Pipeline a document has to fit. */
export interface PipelineMatch {
  /** All objects of the bundle. */
  readonly objects: readonly SchemaObject[];
  /** The bundle's name, for messages. */
  readonly bundle: string;
  /** The reference and digest that the lock pins, where it does. */
  readonly pinned?: string | undefined;
}

const controllerGives = 'TARGET_RESOURCE';
/** What kubernaut's agent fills in where a document declares it. */
const agentGives: ReadonlySet<string> = new Set(
  ['NAME', 'KIND', 'NAMESPACE', 'API_VERSION'].map((part) => `${controllerGives}_${part}`),
);

/** What keeps a document's workflow from being run by the Pipeline of its bundle. */
export function matchProblems(
  document: unknown,
  { objects, bundle, pinned, path }: PipelineMatch & { readonly path: YamlPath },
): DocumentProblem[] {
  const { params, problems } = pipelineParams(objects, bundle);
  const pipeline = objects.find(({ kind, name }) => kind.toLowerCase() === 'pipeline' && name === 'workflow');
  const elsewhere = (pipeline ?? objects[0])?.origin;
  const inPipeline = problems.map(({ rule, message, hint }) =>
    problemAt([], rule, message, { hint, ...(elsewhere ? { elsewhere } : {}) }),
  );
  const root = path.reduce((value: unknown, step) => member(value, String(step)), document);
  const locked = lockProblems(member(member(root, 'execution'), 'bundle'), { pinned, path });
  if (pipeline === undefined) return [...inPipeline, ...locked];
  const listed = itemsOf(member(root, 'parameters'));
  const at = [...path, 'parameters'];
  return [
    ...inPipeline,
    ...locked,
    ...listed.flatMap((item, index) => [...itemProblems(item, { path: [...at, index], params, objects })]),
    ...missingProblems(params, { listed, at }),
    ...workspaceProblems(document, pipeline),
  ];
}

function lockProblems(
  bundle: unknown,
  { pinned, path }: { readonly pinned: string | undefined; readonly path: YamlPath },
): DocumentProblem[] {
  if (pinned === undefined || typeof bundle !== 'string' || bundle === pinned) return [];
  const message = `found ${bundle.slice(0, 400)}, wanted what the lock pins, ${pinned}`;
  return [
    problemAt([...path, 'execution', 'bundle'], 'bundle-as-locked', message, {
      hint: 'Run: npx tekton-bundles ensure',
    }),
  ];
}

interface ItemContext {
  readonly path: YamlPath;
  readonly params: readonly PipelineParam[];
  readonly objects: readonly SchemaObject[];
}

function* itemProblems(item: unknown, { path, params, objects }: ItemContext): Generator<DocumentProblem> {
  const name = member(item, 'name');
  if (typeof name !== 'string' || name === controllerGives || !isMapping(item)) return;
  const param = params.find((one) => one.name === name);
  if (param === undefined) {
    if (agentGives.has(name)) return;
    const known = params.map((one) => one.name).filter((one) => one !== controllerGives);
    const close = nearest(name, known);
    const message = `found ${showText(name)}, which the Pipeline does not declare: a run carries it, and no task reads it`;
    const hint = close === undefined ? undefined : `Did you mean ${showText(close)}?`;
    yield problemAt([...path, 'name'], 'param-in-pipeline', message, { severity: 'note', hint });
    return;
  }
  if (item.required === false && param.default === undefined) {
    const message = 'found false, wanted true: the Pipeline has no default for it';
    const hint = 'Give it a default in the Pipeline';
    yield problemAt([...path, 'required'], 'required-without-default', message, { hint });
  }
  yield* enumProblems(item.enum, { path, param, objects });
  yield* defaultProblems(item.default, { path, param });
}

function* enumProblems(
  value: unknown,
  { path, param, objects }: { path: YamlPath; param: PipelineParam; objects: readonly SchemaObject[] },
): Generator<DocumentProblem> {
  const values = textsOf(value) ?? [];
  const own = param.enum;
  for (const [index, one] of values.entries()) {
    if (own === undefined || own.includes(one)) continue;
    const message = `found ${showText(one)}, wanted one of the Pipeline's own enum, ${own.join(', ')}`;
    yield problemAt([...path, 'enum', index], 'enum-in-pipeline', message);
  }
  const mentioned = values.map((one) => scriptsMention(objects, one));
  if (!mentioned.includes(true)) return;
  for (const [index, one] of values.entries()) {
    if (mentioned[index]) continue;
    const message = `found ${showText(one)}, which no script of the bundle mentions, although scripts mention others of the list`;
    yield problemAt([...path, 'enum', index], 'enum-implemented', message, { severity: 'warning' });
  }
}

function* defaultProblems(
  value: unknown,
  { path, param }: { path: YamlPath; param: PipelineParam },
): Generator<DocumentProblem> {
  if (value === undefined || value === null) return;
  const at = [...path, 'default'];
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  if (param.default === undefined) {
    const message = `found ${showText(shown)}, and the Pipeline has no default, which is what takes effect`;
    yield problemAt(at, 'default-as-pipeline', message, { severity: 'warning' });
  } else if (
    param.default !== shown &&
    !sameNumber(param.default, value) &&
    !sameJson(param.default, value)
  ) {
    const message = `found ${showText(shown)}, wanted the Pipeline's default, which takes effect, ${showText(param.default)}`;
    yield problemAt(at, 'default-as-pipeline', message, { severity: 'warning' });
  }
}

function sameNumber(text: string, value: unknown): boolean {
  return typeof value === 'number' && text.trim() !== '' && Number(text) === value;
}

function sameJson(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch {
    return false;
  }
}

function* missingProblems(
  params: readonly PipelineParam[],
  { listed, at }: { readonly listed: readonly unknown[]; readonly at: YamlPath },
): Generator<DocumentProblem> {
  const names = listed.map((item) => member(item, 'name'));
  for (const { name, default: value } of params) {
    if (value !== undefined || name === controllerGives || names.includes(name)) continue;
    const message = `${showText(name)} is missing, which the Pipeline needs, wanted it with required: true`;
    yield problemAt(at, 'required-param-listed', message, { at: 'key' });
  }
}

/** True where a word is in what the objects of a bundle run: in scripts, commands, arguments and conditions. */
function scriptsMention(objects: readonly SchemaObject[], word: string): boolean {
  if (word === '') return false;
  const alone = new RegExp(`(?<![A-Za-z0-9_])${literally(word)}(?![A-Za-z0-9_])`);
  return objects.some((object) => textsIn(runningParts(object)).some((text) => alone.test(text)));
}

function literally(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The parts of an object that run, without params and descriptions, which mention every value. */
function runningParts(object: SchemaObject): unknown {
  return withoutWords(objectPart(object, ['spec']));
}

function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key]) => !['description', 'params', 'name', 'displayName'].includes(key),
  );
  return kept.map(([, child]) => withoutWords(child));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}

/**
 * A controller gives a run one workspace for each dependency, `secret-NAME` or `configmap-NAME`, and no other. Each of
 * them must be declared by the Pipeline, and what the Pipeline declares beside them must be optional.
 */
function workspaceProblems(document: unknown, pipeline: SchemaObject): DocumentProblem[] {
  const declared = itemsOf(objectPart(pipeline, ['spec', 'workspaces']));
  const names = declared.map((workspace) => member(workspace, 'name'));
  const given = dependencyWorkspaces(document);
  const undeclared = given.filter(({ workspace }) => !names.includes(workspace));
  const waiting = declared.filter((one) => {
    const name = member(one, 'name');
    return member(one, 'optional') !== true && !given.some(({ workspace }) => workspace === name);
  });
  return [
    ...undeclared.map(({ workspace, path }) =>
      problemAt(
        path,
        'dependency-workspace',
        `the Pipeline declares no workspace ${showText(workspace)} for it`,
      ),
    ),
    ...waiting.map((one) => {
      const message = `the Pipeline needs the workspace ${showText(String(member(one, 'name')))}, which the controller does not give`;
      const hint = 'Make it optional, or name it after a dependency: secret-NAME or configmap-NAME';
      return problemAt([], 'workspace-given', message, { severity: 'warning', hint });
    }),
  ];
}

function dependencyWorkspaces(document: unknown) {
  const dependencies = member(member(document, 'spec'), 'dependencies');
  const prefixes = { secrets: 'secret', configMaps: 'configmap' } as const;
  return (['secrets', 'configMaps'] as const).flatMap((kind) =>
    itemsOf(member(dependencies, kind)).map((item, index) => ({
      workspace: `${prefixes[kind]}-${String(member(item, 'name'))}`,
      path: ['spec', 'dependencies', kind, index, 'name'],
    })),
  );
}
