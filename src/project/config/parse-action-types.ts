import { actionTypeObjectName } from '../../workflow/action-type.js';
import type { ActionTypeDeclaration } from '../../workflow/declaration.js';
import { type ConfigNode, mappingAt, report } from '../../yaml-file/config-node.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import { parseParts } from './parse-description.js';

export interface ActionTypes {
  /** Those whose documents the project writes, sorted by name. */
  readonly declared: readonly ActionTypeDeclaration[];
  /** The names that workflows may use: the declared ones, and those said to exist. */
  readonly names: ReadonlySet<string>;
}

const wanted = 'a mapping with what and whenToUse, or the word existing';

/** The action types of a project: described, or said to exist in the cluster already. */
export function parseActionTypes(place: ConfigNode): ActionTypes {
  const declared: ActionTypeDeclaration[] = [];
  const names = new Set<string>();
  const objects = new Map<string, string>();
  for (const [name, child] of mappingAt(place) ?? []) {
    names.add(name);
    if (!/^[A-Z][A-Za-z0-9]{0,249}$/.test(name)) {
      report(child, `found the action type ${showText(name)}, wanted PascalCase, e.g. RestartPod`, {
        at: 'key',
      });
      continue;
    }
    const object = actionTypeObjectName(name);
    const twin = objects.get(object);
    objects.set(object, name);
    if (twin !== undefined)
      report(child, `${showText(name)} and ${showText(twin)} would both be the object ${object}`, {
        at: 'key',
      });
    if (child.value === 'existing') continue;
    if (typeof child.value !== 'object' || child.value === null) {
      report(child, `found ${showValue(child.value)}, wanted ${wanted}`);
      continue;
    }
    const description = parseParts(child);
    if (description !== undefined) declared.push({ name, description });
  }
  declared.sort((left, right) => (left.name < right.name ? -1 : 1));
  return { declared, names };
}
