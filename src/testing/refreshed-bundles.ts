import type { BundleResult, EnsureResult } from '../ensure/result.js';
import type { Project } from '../project/project.js';
import type { ReportedError } from '../publish/reported-error.js';

/** A bundle that a refresh found changed, or a workflow of `workflows:` that fails by itself, or does no longer. */
export interface RefreshedBundle {
  readonly name: string;
  /** What it was before; null for one that is new. */
  readonly previous: string | null;
  /** What is served now; null for one that is gone, and after a failure. */
  readonly digest: string | null;
  readonly reference: string | null;
  readonly error: ReportedError | null;
}

/** What a suite remembers from one refresh to the next. */
export interface RefreshState {
  /** What is served, by the name of the bundle. */
  digests: ReadonlyMap<string, string>;
  /** By the key of the bundle or workflow: what was reported is not reported again. */
  readonly failures: Map<string, string>;
  /** By the same: how often its version was raised. */
  readonly raised: Map<string, number>;
}

export function createRefreshState(result: EnsureResult): RefreshState {
  return { digests: digestsOf(result, new Map()), failures: new Map(), raised: new Map() };
}

/** A workflow that is declared by itself may have the name of a bundle. */
function keyOf(kind: 'bundle' | 'workflow', { name }: { readonly name: string }): string {
  return `${kind} ${name}`;
}

/** Of a bundle that fails what it was before. */
function digestsOf({ bundles }: EnsureResult, before: RefreshState['digests']): RefreshState['digests'] {
  const digests = bundles.map(
    ({ name, digest, error }) => [name, error ? before.get(name) : digest] as const,
  );
  return new Map(digests.flatMap(([name, digest]) => (digest ? [[name, digest] as const] : [])));
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

/** What is to be reported of a refresh, which the state then knows. */
export function reportChanges(state: RefreshState, result: EnsureResult): readonly RefreshedBundle[] {
  const { digests: before, failures } = state;
  state.digests = digestsOf(result, before);
  const bundles = result.bundles.flatMap(({ name, digest, served, error }): RefreshedBundle[] => {
    const previous = before.get(name) ?? null;
    const key = keyOf('bundle', { name });
    if (error) return reportOnce(failures, key, { name, previous, error });
    const mended = failures.delete(key);
    if (previous === digest && !mended) return [];
    return [{ name, previous, digest, reference: served?.reference ?? null, error: null }];
  });
  // What these run is a bundle, or pinned for good.
  const workflows = result.workflows.flatMap(({ name, digest, pinned, error }): RefreshedBundle[] => {
    const key = keyOf('workflow', { name });
    if (error) return reportOnce(failures, key, { name, previous: null, error });
    // Of one whose bundle fails nothing is known.
    const mended = pinned !== null && failures.delete(key);
    return mended ? [{ name, previous: null, digest, reference: pinned, error: null }] : [];
  });
  const declared = new Set(result.bundles.map(({ name }) => name));
  const gone = [...before].flatMap(([name, previous]): RefreshedBundle[] =>
    declared.has(name) ? [] : [{ name, previous, digest: null, reference: null, error: null }],
  );
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
