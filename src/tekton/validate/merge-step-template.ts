import type { YamlValue } from '../yaml/value.js';
import { child, type Field, items, type Text } from './field.js';
import type { Container, EnvVar, Step, VolumeMount } from './read-task.js';

/** Steps as Tekton validates them. */
export interface MergedSteps {
  readonly steps: readonly Step[];
  /** The first list of a step that Tekton cannot merge with the template's; the steps from there on are not merged. */
  readonly unmergeable: Field | undefined;
}

/** What a step leaves out comes from the template; a step by reference takes nothing. */
export function mergeStepTemplate(
  steps: readonly Step[],
  template: Container | undefined,
  { beta }: { readonly beta: boolean },
): MergedSteps {
  if (template === undefined) return { steps, unmergeable: undefined };
  const merged: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const unmergeable = step.ref === undefined ? findUnmergeable(step, template, beta) : undefined;
    if (unmergeable !== undefined) return { steps: [...merged, ...steps.slice(index)], unmergeable };
    merged.push(step.ref === undefined ? merge(step, template, beta) : step);
  }
  return { steps: merged, unmergeable: undefined };
}

/** Lists that Kubernetes merges by a key of their elements. */
const mergedLists: readonly (readonly [list: string, key: string])[] = [
  ['env', 'name'],
  ['volumeMounts', 'mountPath'],
  ['volumeDevices', 'devicePath'],
];

function findUnmergeable(step: Step, template: Container, beta: boolean): Field | undefined {
  const lists = beta ? [...mergedLists, ['ports', 'containerPort'] as const] : mergedLists;
  return lists
    .filter(([list, key]) => {
      const given = valuesAt(template.field, list);
      return given.length > 0 && !isMergeable(valuesAt(step.field, list), given, key);
    })
    .map(([list]) => child(step.field, list))[0];
}

/**
 * Kubernetes sorts what a step changes by the first place of each key in the step's list, and then wants it in the order
 * of that list: a key twice with another one between them comes too late.
 */
function isMergeable(own: readonly YamlValue[], other: readonly YamlValue[], key: string): boolean {
  const keys = own.map((element) => keyOf(element, key));
  const order = [...new Set(keys)];
  const changed = order.flatMap((name) => {
    // Of elements with one key, the last ones are held against each other first.
    const mine = own.filter((_, index) => keys[index] === name).reverse();
    const theirs = other.filter((element) => keyOf(element, key) === name).reverse();
    return mine.flatMap((element, index) => (isWithin(element, theirs[index]) ? [] : [name]));
  });
  let at = 0;
  for (const name of keys) if (name === changed[at]) at++;
  return at === changed.length;
}

function keyOf(element: YamlValue, key: string): string {
  const value = element instanceof Map ? element.get(key) : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** True where the template's element says all that a step's does; what Go leaves out when it writes JSON says nothing. */
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
