import type { WorkflowDeclaration } from '../workflow/declaration.js';
import { labelsAt } from './labels-at.js';
import { parametersAt } from './parameters-at.js';
import { type Place, recordAt, report, requireAt } from './place.js';
import { textAt } from './scalar-at.js';
import { showText } from './show-text.js';

const keys = [
  ...(['id', 'version', 'name', 'description', 'labels'] as const),
  ...(['parameters', 'rollbackParameters'] as const),
];

const idRule = {
  wanted: 'lower-case letters, digits and hyphens, with a letter or digit at both ends',
  pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  longest: 255,
};

const number = '(?:0|[1-9][0-9]*)';
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const semver = new RegExp(`^${number}\\.${number}\\.${number}(?:-${identifiers})?(?:\\+${identifiers})?$`);
const versionRule = { wanted: 'SemVer without a leading v, e.g. 1.0.0', pattern: semver, longest: 50 };

/** A bundle's `workflow`; undefined where absent or reported. `tag` is the bundle's own, the default version. */
export function workflowAt(place: Place, tag: string | undefined): WorkflowDeclaration | undefined {
  if (place.value === undefined) return undefined;
  const places = recordAt(place, keys, { rollback_parameters: 'Write rollbackParameters' });
  if (typeof place.value !== 'object' || place.value === null || Array.isArray(place.value)) return undefined;
  requireAt(places.id, idRule.wanted);
  requireAt(places.description, 'what the workflow does, in 1 to 500 characters');
  const id = textAt(places.id, idRule);
  const description = textAt(places.description, { wanted: 'text of at most 500 characters', longest: 500 });
  const name = textAt(places.name, { wanted: 'text of at most 255 characters', longest: 255 });
  const labels = labelsAt(places.labels);
  const parameters = parametersAt(places.parameters, { kind: 'parameters' });
  const rollbackParameters = parametersAt(places.rollbackParameters, { kind: 'rollbackParameters' });
  const version = versionAt(places.version, tag);
  if (id === undefined || description === undefined || labels === undefined || version === undefined)
    return undefined;
  const named = { id, version, name: name?.trim() ?? id, description: description.trim() };
  return { ...named, labels, parameters, rollbackParameters };
}

function versionAt(place: Place, tag: string | undefined): string | undefined {
  if (place.value !== undefined) {
    if (
      typeof place.value === 'string' &&
      semver.test(place.value.replace(/^v/, '')) &&
      place.value.startsWith('v')
    ) {
      const hint = `Write ${place.value.slice(1)}`;
      report(place, `found ${showText(place.value)}, wanted ${versionRule.wanted}`, { hint });
      return undefined;
    }
    return textAt(place, versionRule);
  }
  if (tag === undefined) return undefined;
  const version = tag.replace(/^v/, '');
  if (semver.test(version) && version.length <= versionRule.longest) return version;
  report(place, `missing, and the tag ${showText(tag)} is no version, wanted ${versionRule.wanted}`, {
    at: 'absent',
  });
  return undefined;
}
