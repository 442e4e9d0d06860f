import { quotedYamlText, yamlText } from '../../workflow/yaml-scalar.js';
import type { Lock, LockEntry, LockedWorkflow, LockObject, LockSchema } from './lock.js';

const header = '# Written by bundles ensure; commit it, do not edit it';

/**
 * The canonical text of a lock: bundles and images sorted by name, keys in fixed order, one line per object. Its scalars are
 * those of `workflow/write-document`; its form, objects in brackets and times and hashes always in quotes, is its own, since
 * it is fixed by the locks that are committed.
 */
export function formatLock({
  entries,
  workflows = new Map(),
}: Pick<Lock, 'entries'> & Partial<Lock>): string {
  const named = [...workflows].sort(byName);
  // Few projects have the section, and the locks of others stay as they are.
  const section = named.length === 0 ? [] : ['workflows:', ...named.flatMap(workflowLines)];
  return `${formatEntries(entries, [header, 'version: 1'])}${section.map((line) => `${line}\n`).join('')}`;
}

/** The text of a file that holds entries of a lock, with the lines above them. */
export function formatEntries(entries: Lock['entries'], head: readonly string[]): string {
  const sorted = [...entries].sort(byName);
  const bundles = sorted.length === 0 ? ['bundles: {}'] : ['bundles:', ...sorted.flatMap(entryLines)];
  return `${[...head, ...bundles].join('\n')}\n`;
}

function workflowLines([name, workflow]: [string, LockedWorkflow]): string[] {
  return [
    `  ${yamlText(name)}:`,
    `    reference: ${yamlText(workflow.reference)}`,
    `    digest: ${quotedYamlText(workflow.digest)}`,
    `    version: ${quotedYamlText(workflow.version)}`,
    ...schemaLines(workflow.schema),
  ];
}

function schemaLines(schema: LockSchema | undefined): string[] {
  if (schema === undefined) return [];
  return [
    '    schema:',
    `      path: ${yamlText(schema.path)}`,
    `      contentHash: ${quotedYamlText(schema.contentHash)}`,
  ];
}

function entryLines([name, entry]: [string, LockEntry]): string[] {
  const { schema } = entry;
  const images = [...entry.images]
    .sort(byName)
    .map(([image, digest]) => `      ${yamlText(image)}: ${digest}`);
  return [
    `  ${yamlText(name)}:`,
    `    reference: ${yamlText(entry.reference)}`,
    `    digest: ${entry.digest}`,
    `    created: ${quotedYamlText(entry.created)}`,
    `    sources: ${entry.sources}`,
    ...(entry.objects.length === 0
      ? ['    objects: []']
      : ['    objects:', ...entry.objects.map(objectLine)]),
    ...schemaLines(schema),
    ...(images.length === 0 ? ['    images: {}'] : ['    images:', ...images]),
  ];
}

function objectLine({ apiVersion, kind, name, diffId }: LockObject): string {
  const members = [
    `apiVersion: ${yamlText(apiVersion)}`,
    `kind: ${yamlText(kind)}`,
    `name: ${yamlText(name)}`,
  ];
  return `      - {${members.join(', ')}, diffId: ${diffId}}`;
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
