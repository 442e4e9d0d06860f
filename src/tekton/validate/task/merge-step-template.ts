import type { YamlValue } from '../../yaml/value.js';
import { child, type Field, items, type Text } from '../field.js';
import type { Container, EnvVar, Step, VolumeMount } from './read-task.js';

/** Steps as Tekton validates them. */
export interface MergedSteps {
  readonly steps: readonly Step[];
  /** Why the steps, from the first one that it concerns, are not merged. */
  readonly unmergeable: { readonly at: Field; readonly message: string } | undefined;
}

/** As many elements would not fit into what a cluster keeps of a pod, and take their time. */
const MOST_MERGED = 250_000;

/** What a step leaves out comes from the template; a step by reference takes nothing. */
export function mergeStepTemplate(
  steps: readonly Step[],
  template: Container | undefined,
  { beta }: { readonly beta: boolean },
): MergedSteps {
  if (template === undefined) return { steps, unmergeable: undefined };
  const count = elementsOf(template) * steps.filter(({ ref }) => ref === undefined).length;
  if (count > MOST_MERGED) {
    const message = `found steps that take ${count} elements of stepTemplate in all, wanted at most ${MOST_MERGED}: no pod holds as many`;
    return { steps, unmergeable: { at: template.field, message } };
  }
  const lists = readLists(template, beta);
  const merged: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const at = step.ref === undefined ? findUnmergeable(step, lists) : undefined;
    if (at !== undefined)
      return { steps: [...merged, ...steps.slice(index)], unmergeable: { at, message: twice } };
    merged.push(step.ref === undefined ? merge(step, template, beta) : step);
  }
  return { steps: merged, unmergeable: undefined };
}

const twice =
  'found an element twice, and others between, which Tekton cannot merge with those of stepTemplate, wanted each once';

function elementsOf({ command, args, env = [], envFrom, volumeMounts, volumeDevices }: Container): number {
  const lists = [command, args, env, envFrom, volumeMounts, volumeDevices];
  return lists.reduce((all, { length }) => all + length, 0);
}

/** Lists that Kubernetes merges by a key of their elements. */
const mergedLists: readonly (readonly [list: string, key: string])[] = [
  ['env', 'name'],
  ['volumeMounts', 'mountPath'],
  ['volumeDevices', 'devicePath'],
];

/** A list of the template, its elements by their key. */
interface TemplateList {
  readonly list: string;
  readonly key: string;
  readonly elements: ReadonlyMap<string, readonly YamlValue[]>;
}

function readLists(template: Container, beta: boolean): TemplateList[] {
  const lists = beta ? [...mergedLists, ['ports', 'containerPort'] as const] : mergedLists;
  return lists
    .map(([list, key]) => ({ list, key, elements: byKey(valuesAt(template.field, list), key) }))
    .filter(({ elements }) => elements.size > 0);
}

function findUnmergeable(step: Step, lists: readonly TemplateList[]): Field | undefined {
  const found = lists.find(
    ({ list, key, elements }) => !isMergeable(valuesAt(step.field, list), elements, key),
  );
  return found && child(step.field, found.list);
}

/**
 * Kubernetes sorts what a step changes by the first place of each key in the step's list, and then wants it in the order
 * of that list: a key twice with another one between them comes too late.
 */
function isMergeable(
  own: readonly YamlValue[],
  other: ReadonlyMap<string, readonly YamlValue[]>,
  key: string,
): boolean {
  const changed = [...byKey(own, key)].flatMap(([name, mine]) => {
    // Of elements with one key, the last ones are held against each other first.
    const theirs = (other.get(name) ?? []).toReversed();
    return mine.toReversed().flatMap((element, index) => (isWithin(element, theirs[index]) ? [] : [name]));
  });
  let at = 0;
  for (const element of own) if (keyOf(element, key) === changed[at]) at++;
  return at === changed.length;
}

function byKey(elements: readonly YamlValue[], key: string): Map<string, YamlValue[]> {
  const groups = new Map<string, YamlValue[]>();
  for (const element of elements) {
    const name = keyOf(element, key);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [element]);
    else group.push(element);
  }
  return groups;
}

function keyOf(element: YamlValue, key: string): string {
  const value = element instanceof Map ? element.get(key) : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** True where the template's element states all that a step's does; what Go leaves out when it writes JSON states nothing. */
function isWithin(own: YamlValue, other: YamlValue | undefined): boolean {
  if (own === null || own === '' || own === false) return true;
  if (!(own instanceof Map)) return own === other;
  return other instanceof Map && [...own].every(([name, value]) => isWithin(value, other.get(name)));
}

function valuesAt(parent: Field, key: string): readonly YamlValue[] {
  return items(child(parent, key)).map(({ value }) => value ?? null);
}

function merge(step: Step, template: Container, beta: boolean): Step {
  const merged = {
    ...step,
    image: either(step.image, template.image),
    command: filled(step.command, template.command),
    args: filled(step.args, template.args),
    workingDir: either(step.workingDir, template.workingDir),
    imagePullPolicy: either(step.imagePullPolicy, template.imagePullPolicy),
    env: mergeEnv(step.env, template.env),
    envFrom: filled(step.envFrom, template.envFrom),
    volumeMounts: mergeMounts(step.volumeMounts, template.volumeMounts),
    volumeDevices: [...template.volumeDevices, ...step.volumeDevices],
  };
  if (!beta) return merged;
  // v1beta1 gives a step the template's name, and forgets these fields as it merges.
  return {
    ...merged,
    name: either(step.name, template.name),
    results: [],
    hasResults: false,
    params: [],
    workspaces: [],
  };
}

function either(own: Text, other: Text): Text {
  return own.text === '' ? other : own;
}

function filled<T>(own: readonly T[], other: readonly T[]): readonly T[] {
  return own.length === 0 ? other : own;
}

function mergeEnv(
  own: readonly EnvVar[] | undefined,
  other: readonly EnvVar[] | undefined,
): readonly EnvVar[] | undefined {
  if (!own?.length || !other?.length) return own?.length ? own : other;
  const merged = new Map(other.map((variable) => [variable.name.text, variable]));
  for (const variable of own) {
    const known = merged.get(variable.name.text);
    const conflicts = known?.hasValueFrom !== variable.hasValueFrom;
    const value = known === undefined || conflicts ? variable.value : either(variable.value, known.value);
    merged.set(variable.name.text, { ...variable, value });
  }
  return [...merged.values()];
}

function mergeMounts(own: readonly VolumeMount[], other: readonly VolumeMount[]): readonly VolumeMount[] {
  const merged = new Map(other.map((mount) => [mount.mountPath.text, mount]));
  for (const mount of own) {
    const known = merged.get(mount.mountPath.text);
    merged.set(mount.mountPath.text, {
      ...mount,
      name: known === undefined ? mount.name : either(mount.name, known.name),
      subPath: known === undefined ? mount.subPath : either(mount.subPath, known.subPath),
    });
  }
  return [...merged.values()];
}
