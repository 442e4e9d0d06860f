import type { Digest } from '../../oci/digest.js';
import { type Reference, referenceName } from '../../oci/reference.js';
import { writeDocument } from '../../workflow/write-document.js';
import {
  type ConfigNode,
  listAt,
  mappingAt,
  recordAt,
  report,
  requireAt,
} from '../../yaml-file/config-node.js';
import { readYamlFile } from '../../yaml-file/parse-yaml-file.js';
import { problemsError } from '../../yaml-file/problems-error.js';
import { showValue } from '../../yaml-file/show-text.js';

/** One digest of a bundle that Conforma trusts, as `ec track bundle` writes it. */
export interface TrustedTask {
  /** The digest of a bundle, or the commit of a Task in git. */
  readonly ref: string;
  /** RFC 3339; none for the newest. */
  readonly expiresOn: string | undefined;
  /** RFC 3339; read and kept, and not written for new entries. */
  readonly effectiveOn: string | undefined;
}

/** A list of trusted Tasks: what Conforma reads as `trusted_tasks`. */
export interface TrustedTasks {
  /** By `oci://REPOSITORY:TAG` or the address of a Task in git, newest first. */
  readonly tasks: ReadonlyMap<string, readonly TrustedTask[]>;
  /** What else the document holds, left as it is. */
  readonly others: Readonly<Record<string, unknown>>;
}

/**
 * A list with nothing in it, to begin with.
 *
 * @example
 * ```ts
 * import { noTrustedTasks } from 'tekton-bundles/signing';
 *
 * console.log(noTrustedTasks.tasks.size); // 0
 * ```
 */
export const noTrustedTasks: TrustedTasks = { tasks: new Map(), others: {} };

/** A declared bundle with what the lock states about it. */
export interface LockedBundle {
  readonly spec: {
    /** With its tag. */
    readonly reference: Reference & { readonly tag: string };
    /** Of the manifest: `org.opencontainers.image.version` is the version in rules. */
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly entry: {
    readonly digest: Digest;
    /** By kind, in lower case: only bundles with a `task` are listed. */
    readonly objects: readonly { readonly kind: string }[];
  };
}

/** The time, and how long digests stay trusted. */
export interface TrackOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long the digest before the newest stays trusted. Default 60. */
  readonly inEffectDays?: number | undefined;
  /** Remove what has expired. Default true. */
  readonly prune?: boolean | undefined;
}

const dayMs = 86_400_000;
const defaultInEffectDays = 60;

/** Only bundles with a Task are listed; a Pipeline alone is nothing that Conforma trusts. */
export function hasTask({ entry }: Pick<LockedBundle, 'entry'>): boolean {
  return entry.objects.some(({ kind }) => kind === 'task');
}

/** The key of a bundle in the list. */
export function trustedTaskKey({ reference }: Pick<LockedBundle['spec'], 'reference'>): string {
  return `oci://${referenceName(reference)}:${reference.tag}`;
}

/**
 * The list with the digests of the lock as the newest, by the rules of `ec track bundle`: the newest entry never expires,
 * each older one without a date expires `inEffectDays` from today, equal neighbours are one entry, and what has expired is
 * removed. Adding what is there already changes nothing.
 *
 * @example
 * ```ts
 * import { parseReference, digestOf } from 'tekton-bundles/registry';
 * import { formatTrustedTasks, noTrustedTasks, trackTasks } from 'tekton-bundles/signing';
 *
 * const { registry, repository } = parseReference('quay.io/acme/task-build:1.0');
 * const spec = { reference: { registry, repository, tag: '1.0' }, annotations: {} };
 * const entry = { digest: digestOf(new TextEncoder().encode('a bundle')), objects: [{ kind: 'task' }] };
 * const list = trackTasks(noTrustedTasks, [{ spec, entry }], { now: Date.now() });
 * console.log([...list.tasks.keys()]); // [ 'oci://quay.io/acme/task-build:1.0' ]
 * console.log(formatTrustedTasks(list).includes(entry.digest)); // true
 * ```
 */
export function trackTasks(
  list: TrustedTasks,
  bundles: readonly LockedBundle[],
  { now, inEffectDays = defaultInEffectDays, prune = true }: TrackOptions,
): TrustedTasks {
  const tasks = new Map(list.tasks);
  for (const bundle of bundles.filter(hasTask)) {
    const key = trustedTaskKey(bundle.spec);
    const newest = { ref: bundle.entry.digest, expiresOn: undefined, effectiveOn: undefined };
    tasks.set(key, [newest, ...(tasks.get(key) ?? [])]);
  }
  const today = Math.floor((now + dayMs / 2) / dayMs) * dayMs;
  const expiry = new Date(today + inEffectDays * dayMs).toISOString().replace('.000Z', 'Z');
  for (const [key, entries] of tasks) {
    const kept = entries
      .filter(({ ref }, index) => ref !== entries[index + 1]?.ref)
      .filter(({ expiresOn }) => !prune || expiresOn === undefined || now < Date.parse(expiresOn))
      .map((entry, index) => ({
        ...entry,
        expiresOn: index === 0 ? undefined : (entry.expiresOn ?? expiry),
      }));
    if (kept.length === 0) tasks.delete(key);
    else tasks.set(key, kept);
  }
  return { ...list, tasks };
}

/** A rule of Conforma's `trusted_task_rules`, which take the place of the list where there are any. */
export interface TrustedTaskRule {
  readonly pattern: string;
  readonly versions?: readonly string[];
}

/** As Konflux compares versions: `MAJOR[.MINOR[.PATCH]]`. */
const comparable = /^v?\d+(?:\.\d+(?:\.\d+)?)?$/;

/**
 * Rules that trust every tag of the bundles with Tasks, from the version on that is declared now: one for each repository.
 * Conforma takes the version from the annotation `org.opencontainers.image.version`; a bundle without it matches no rule
 * that names versions.
 *
 * @example
 * ```ts
 * import { digestOf } from 'tekton-bundles/registry';
 * import { formatTrustedTaskRules, trustedTaskRules } from 'tekton-bundles/signing';
 *
 * const reference = { registry: 'quay.io', repository: 'acme/task-build', tag: '1.0' };
 * const annotations = { 'org.opencontainers.image.version': '1.0' };
 * const entry = { digest: digestOf(new TextEncoder().encode('a bundle')), objects: [{ kind: 'task' }] };
 * const rules = trustedTaskRules([{ spec: { reference, annotations }, entry }]);
 * console.log(rules[0]?.pattern, rules[0]?.versions); // oci://quay.io/acme/task-build [ '>=1.0' ]
 * console.log(formatTrustedTaskRules(rules, 'acme').includes('allow:')); // true
 * ```
 */
export function trustedTaskRules(bundles: readonly LockedBundle[]): TrustedTaskRule[] {
  const rules = new Map<string, TrustedTaskRule>();
  for (const { spec } of bundles.filter(hasTask)) {
    const pattern = `oci://${referenceName(spec.reference)}`;
    const version = spec.annotations['org.opencontainers.image.version'];
    const versions = version !== undefined && comparable.test(version) ? [`>=${version}`] : undefined;
    const known = rules.get(pattern);
    // Several tags of one repository: the lowest version decides, and one without a version takes all.
    if (known === undefined) rules.set(pattern, versions ? { pattern, versions } : { pattern });
    else if (!versions || !known.versions) rules.set(pattern, { pattern });
    else if (isLower(versions[0] ?? '', known.versions[0] ?? '')) rules.set(pattern, { pattern, versions });
  }
  return [...rules.values()].sort((left, right) => (left.pattern < right.pattern ? -1 : 1));
}

function isLower(left: string, right: string): boolean {
  const numbers = (text: string) => text.replace(/^>=v?/, '').split('.').map(Number);
  const [a, b] = [numbers(left), numbers(right)];
  const at = [0, 1, 2].find((index) => (a[index] ?? 0) !== (b[index] ?? 0));
  return at !== undefined && (a[at] ?? 0) < (b[at] ?? 0);
}

const header = '# Tasks that Conforma trusts; written by trusted-tasks of tekton-bundles';

/**
 * The YAML text of a list, keys sorted: the same list always gives the same bytes.
 *
 * @example
 * ```ts
 * import { formatTrustedTasks, noTrustedTasks } from 'tekton-bundles/signing';
 *
 * console.log(formatTrustedTasks(noTrustedTasks).split('\n')[1]); // trusted_tasks: {}
 * ```
 */
export function formatTrustedTasks({ tasks, others }: TrustedTasks): string {
  const entries = [...tasks].sort(([left], [right]) => (left < right ? -1 : 1));
  const trusted = entries.map(([key, list]) => [key, list.map(entryOf)] as const);
  const members = { ...others, trusted_tasks: Object.fromEntries(trusted) };
  const sorted = Object.entries(members).sort(([left], [right]) => (left < right ? -1 : 1));
  return writeDocument(Object.fromEntries(sorted), { header });
}

function entryOf({ ref, expiresOn, effectiveOn }: TrustedTask): Readonly<Record<string, string>> {
  return {
    ...(effectiveOn === undefined ? {} : { effective_on: effectiveOn }),
    ...(expiresOn === undefined ? {} : { expires_on: expiresOn }),
    ref,
  };
}

/**
 * The YAML text of rules, in one group.
 *
 * @example
 * ```ts
 * import { formatTrustedTaskRules } from 'tekton-bundles/signing';
 *
 * const text = formatTrustedTaskRules([{ pattern: 'oci://quay.io/acme/task-build' }], 'acme');
 * console.log(text.includes('pattern: oci://quay.io/acme/task-build')); // true
 * ```
 */
export function formatTrustedTaskRules(rules: readonly TrustedTaskRule[], group: string): string {
  return writeDocument({ trusted_task_rules: { allow: { [group]: rules } } }, { header });
}

/**
 * Reads a list, one of `ec track bundle` as well. `file` is its name in errors.
 *
 * @throws TRUSTED_TASKS_INVALID with every problem in `details.problems`
 * @example
 * ```ts
 * import { parseTrustedTasks } from 'tekton-bundles/signing';
 *
 * const text = `trusted_tasks: {"oci://quay.io/acme/task:1": [{ref: sha256:${'0'.repeat(64)}}]}`;
 * console.log(parseTrustedTasks(text, 'trusted.yaml').tasks.size); // 1
 * ```
 */
export function parseTrustedTasks(text: string, file: string): TrustedTasks {
  const kind = {
    what: 'list of trusted tasks',
    file,
    invalid: 'TRUSTED_TASKS_INVALID',
    conflictHint: 'Take either side as a whole, and run trusted-tasks again',
  } as const;
  const { value, problems: repeated } = readYamlFile(text, kind);
  const root: ConfigNode = { value: value ?? {}, path: [], problems: [...repeated] };
  const { trusted_tasks: given, ...others } = Object.fromEntries(mappingAt(root) ?? []);
  const tasks = new Map<string, readonly TrustedTask[]>();
  // Conforma's own empty list is null.
  if (given !== undefined && given.value !== null) {
    for (const [key, node] of mappingAt(given) ?? []) {
      const entries = (listAt(node) ?? []).map(parseEntry);
      if (Array.isArray(node.value) && entries.length === 0)
        report(node, 'found an empty list, wanted at least one entry');
      tasks.set(key, entries);
    }
  }
  if (root.problems.length > 0) throw problemsError(root.problems, text, kind);
  return {
    tasks,
    others: Object.fromEntries(Object.entries(others).map(([key, node]) => [key, node.value])),
  };
}

function parseEntry(node: ConfigNode): TrustedTask {
  const {
    ref,
    expires_on: expires,
    effective_on: effective,
  } = recordAt(node, ['ref', 'expires_on', 'effective_on']);
  requireAt(ref, 'a digest or a commit');
  if (ref.value !== undefined && (typeof ref.value !== 'string' || ref.value === ''))
    report(ref, `found ${showValue(ref.value)}, wanted a digest or a commit`);
  return { ref: String(ref.value), expiresOn: timeAt(expires), effectiveOn: timeAt(effective) };
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/;

function timeAt(node: ConfigNode): string | undefined {
  const { value } = node;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && time.test(value) && !Number.isNaN(Date.parse(value))) return value;
  report(node, `found ${showValue(value)}, wanted a time such as "2026-01-29T00:00:00Z"`);
  return undefined;
}
