import type { Text } from './field.js';
import type { Step } from './read-task.js';

/** Texts of a step in which Tekton looks for variables, but for lists: there a whole array may stand alone. */
export function singleTexts(step: Step): Text[] {
  const { name, image, workingDir, script, env = [], volumeMounts } = step;
  const mounts = volumeMounts.flatMap((mount) => [mount.name, mount.mountPath, mount.subPath]);
  return [name, image, workingDir, script, ...env.map(({ value }) => value), ...mounts];
}

/** Elements of `command` and `args`. */
export function listTexts({ command, args }: Step): Text[] {
  return [...command, ...args];
}
