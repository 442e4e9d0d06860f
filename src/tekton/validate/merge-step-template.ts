import type { Text } from './field.js';
import type { Container, EnvVar, Step, VolumeMount } from './read-task.js';

/** Steps as Tekton validates them: what a step leaves out comes from the template; a step by reference takes nothing. */
export function mergeStepTemplate(
  steps: readonly Step[],
  template: Container | undefined,
  { beta }: { readonly beta: boolean },
): readonly Step[] {
  if (template === undefined) return steps;
  return steps.map((step) => (step.ref === undefined ? merge(step, template, beta) : step));
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
