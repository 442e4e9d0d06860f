import type { BundleResult, EnsureResult } from '../ensure/result.js';
import type { WorkflowResult } from '../ensure/workflows/workflow-result.js';
import type { Project } from '../project/project.js';
import type { ReportedError } from '../publish/reported-error.js';

/** A bundle that a refresh found changed, or a workflow of `workflows:` that changed or failed while its bundle did not. */
export interface RefreshedBundle {
  readonly name: string;
  /** What it was before; null for one that is new. The same as `digest` where only its tag, workflow or schema changed. */
  readonly previous: string | null;
  /** What is served now; null for one that is gone, and after a failure. */
  readonly digest: string | null;
  readonly reference: string | null;
  readonly error: ReportedError | null;
}

/** What a suite remembers from one refresh to the next. */
export interface RefreshState {
  /** What is served, by the key of the bundle or workflow. */
  digests: ReadonlyMap<string, string>;
  /** By the same: what else of it others are given. */
  facts: ReadonlyMap<string, string>;
  /** By the same: what was reported is not reported again. */
  readonly failures: Map<string, string>;
  /** By the same: how often its version was raised. */
  readonly raised: Map<string, number>;
}

export function createRefreshState(result: EnsureResult): RefreshState {
  const [digests, facts] = [digestsOf(result, new Map()), factsOf(result, new Map())];
  return { digests, facts, failures: new Map(), raised: new Map() };
}

/** A workflow that is declared by itself may have the name of a bundle. */
function keyOf(kind: 'bundle' | 'workflow', { name }: { readonly name: string }): string {
  return `${kind} ${name}`;
}

/** Of one that fails, and of a workflow whose bundle does, what was before. */
function known(
  { bundles, workflows }: EnsureResult,
  before: ReadonlyMap<string, string>,
  of: (one: BundleResult | WorkflowResult) => string | null,
): ReadonlyMap<string, string> {
  const results = [
    ...bundles.map((one) => [keyOf('bundle', one), one] as const),
    ...workflows.map((one) => [keyOf('workflow', one), one] as const),
  ];
  const found = results.map(([key, one]) => [key, failed(one) ? before.get(key) : of(one)] as const);
  return new Map(found.flatMap(([key, value]) => (value == null ? [] : [[key, value] as const])));
}

function failed({ error, pinned }: BundleResult | WorkflowResult): boolean {
  return error !== null || pinned === null;
}

function digestsOf(result: EnsureResult, before: RefreshState['digests']): RefreshState['digests'] {
  return known(result, before, ({ digest }) => digest);
}

function factsOf(result: EnsureResult, before: RefreshState['facts']): RefreshState['facts'] {
  return known(result, before, ({ pinned, schema, workflow }) => {
    const { name = null, version = null, workflowId = null } = workflow ?? {};
    return JSON.stringify([pinned, schema, name, version, workflowId]);
  });
}

/** The project with the versions of workflows that the scope's catalog does not have yet. */
export function withRaised(project: Project, { raised }: RefreshState): Project {
  const bundles = project.bundles.map((spec) => {
    const times = raised.get(keyOf('bundle', spec));
    if (times === undefined || spec.workflow === undefined) return spec;
    return { ...spec, workflow: { ...spec.workflow, version: raise(spec.workflow.version, times) } };
  });
  const workflows = project.workflows.map((spec) => {
    const times = raised.get(keyOf('workflow', spec));
    if (times === undefined) return spec;
    const { content } = spec;
    if (content.kind === 'document') return { ...spec, content: { ...content, raised: times } };
    const { declaration } = content;
    const version = raise(declaration.version, times);
    return { ...spec, content: { ...content, declaration: { ...declaration, version } } };
  });
  return { ...project, bundles, workflows };
}

/** `1.0.2` from `1.0.0`, `1.0.0-rc.2` from `1.0.0-rc`. */
function raise(version: string, times: number): string {
  const [, start = '', patch] = /^(\d+\.\d+\.)(\d+)$/.exec(version) ?? [];
  return patch === undefined ? `${version}.${times}` : `${start}${Number(patch) + times}`;
}

/** Raises once more what the catalog has with other content; false where there is nothing of that kind. */
export function raiseRefused({ raised }: RefreshState, { bundles, workflows }: EnsureResult): boolean {
  const refused = [...refusedKeys('bundle', bundles), ...refusedKeys('workflow', workflows)];
  for (const key of refused) raised.set(key, (raised.get(key) ?? 0) + 1);
  return refused.length > 0;
}

function refusedKeys(
  kind: 'bundle' | 'workflow',
  results: readonly Pick<BundleResult, 'name' | 'error'>[],
): string[] {
  return results.filter(({ error }) => error?.code === 'CATALOG_CONFLICT').map((one) => keyOf(kind, one));
}

/** What is to be reported about a refresh and then stored in the state. */
export function reportChanges(state: RefreshState, result: EnsureResult): readonly RefreshedBundle[] {
  const { digests: before, facts, failures } = state;
  state.digests = digestsOf(result, before);
  state.facts = factsOf(result, facts);
  const isChanged = (key: string) =>
    state.digests.get(key) !== before.get(key) || state.facts.get(key) !== facts.get(key);
  const bundles = result.bundles.flatMap(({ name, digest, served, error }): RefreshedBundle[] => {
    const key = keyOf('bundle', { name });
    const previous = before.get(key) ?? null;
    if (error) return reportOnce(failures, key, { name, previous, error });
    const mended = failures.delete(key);
    if (!mended && !isChanged(key)) return [];
    return [{ name, previous, digest, reference: served?.reference ?? null, error: null }];
  });
  const reported = new Set(bundles.map(({ name }) => name));
  const workflows = result.workflows.flatMap((one): RefreshedBundle[] => {
    const { name, bundle, digest, pinned, error } = one;
    const key = keyOf('workflow', { name });
    const previous = before.get(key) ?? null;
    if (error) return reportOnce(failures, key, { name, previous, error });
    // Of one whose bundle fails nothing is known.
    if (failed(one)) return [];
    const mended = failures.delete(key);
    const follows = bundle !== null && reported.has(bundle);
    if (!mended && (follows || !isChanged(key))) return [];
    return [{ name, previous, digest, reference: pinned, error: null }];
  });
  const declared = new Set([
    ...result.bundles.map((one) => keyOf('bundle', one)),
    ...result.workflows.map((one) => keyOf('workflow', one)),
  ]);
  const gone = [...before].flatMap(([key, previous]): RefreshedBundle[] => {
    if (declared.has(key)) return [];
    failures.delete(key);
    const name = key.slice(key.indexOf(' ') + 1);
    return [{ name, previous, digest: null, reference: null, error: null }];
  });
  return [...bundles, ...workflows, ...gone];
}

function reportOnce(
  failures: RefreshState['failures'],
  key: string,
  failed: Pick<RefreshedBundle, 'name' | 'previous'> & { readonly error: ReportedError },
): RefreshedBundle[] {
  const known = failures.get(key) === failed.error.message;
  failures.set(key, failed.error.message);
  return known ? [] : [{ ...failed, digest: null, reference: null }];
}
