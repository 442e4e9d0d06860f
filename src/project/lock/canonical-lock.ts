import { isBundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { formatReference, parseReference } from '../../oci/reference.js';
import { isBundleName } from '../config/bundle-name.js';
import { formatLock } from './format-lock.js';
import type { Lock, LockEntry, LockObject } from './lock.js';

/**
 * Reads a lock that is as formatLock usually writes it, many times faster than by YAML; undefined for any other
 * text. `readWorkflows` reads the section of workflows, which few locks have. What was read is written again and must give the same text, so no text is read otherwise than by YAML.
 */
export function readCanonicalLock(
  text: string,
  readWorkflows: (section: string) => Lock['workflows'] | undefined = () => undefined,
): Lock | undefined {
  const section = text.indexOf(`\n${workflowsKey}`);
  const workflows = section < 0 ? new Map() : readWorkflows(text.slice(section + 1 + workflowsKey.length));
  const entries = workflows && readCanonicalEntries(section < 0 ? text : text.slice(0, section + 1));
  const lock = entries && { entries, workflows };
  return lock && formatLock(lock) === text ? lock : undefined;
}

/** The entries below the head of such a text; the caller compares, as above. */
export function readCanonicalEntries(text: string): Lock['entries'] | undefined {
  const entries = new Map<string, LockEntry>();
  let rest = text.slice(Math.max(0, text.indexOf('\n  ') + 1));
  while (rest !== '') {
    const match = entryForm.exec(rest);
    const found = match && entryOf(match);
    if (!found) return undefined;
    entries.set(found.name, found.entry);
    rest = rest.slice(match[0].length);
  }
  return entries;
}

export const digest = 'sha256:[a-f0-9]{64}';
const time = '\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:Z|[+-]\\d{2}:\\d{2})';
export const path = '[\\w-][\\w.-]*(?:/[\\w-][\\w.-]*)*';
const word = '"?[\\w./-]+"?';
const object = `      - \\{apiVersion: ${word}, kind: ${word}, name: ${word}, diffId: ${digest}\\}\\n`;

const image = `      "?[\\w./:-]+"?: ${digest}\\n`;

/** An entry with simple names (in quotes where they begin with a digit), with objects. */
const entryForm = new RegExp(
  [
    '^  "?(?<name>[a-z0-9._-]+)"?:\\n',
    '    reference: "?(?<reference>[\\w.:/@-]+)"?\\n',
    `    digest: (?<digest>${digest})\\n`,
    `    created: "(?<created>${time})"\\n`,
    `    sources: (?<sources>${digest})\\n`,
    `    objects:\\n(?<objects>(?:${object})+)`,
    `(?:    schema:\\n      path: "?(?<path>${path})"?\\n      contentHash: "(?<hash>[a-f0-9]{64})"\\n)?`,
    `    images:(?: \\{\\}\\n|\\n(?<images>(?:${image})+))`,
  ].join(''),
);
const objectForm = /apiVersion: "?([^"]+)"?, kind: "?([^"]+)"?, name: "?([^"]+)"?, diffId: (.+)\}/;

function entryOf({ groups = {} }: RegExpExecArray): { name: string; entry: LockEntry } | undefined {
  const { name = '', reference = '', created = '', objects = '', images = '' } = groups;
  const { path: schemaPath, hash = '' } = groups;
  if (!isBundleName(name) || !isTagged(reference)) return undefined;
  return {
    name,
    entry: {
      reference,
      digest: groups.digest as Digest,
      created,
      sources: groups.sources as Digest,
      objects: objects.split('\n').slice(0, -1).map(objectOf),
      schema: schemaPath === undefined ? undefined : { path: schemaPath, contentHash: hash },
      images: new Map(images.split('\n').slice(0, -1).map(imageOf)),
    },
  };
}

const workflowsKey = 'workflows:\n';

function objectOf(line: string): LockObject {
  const [, apiVersion = '', kind = '', name = '', diffId = ''] = objectForm.exec(line) ?? [];
  return { apiVersion, kind, name, diffId: diffId as Digest };
}

function imageOf(line: string): [string, Digest] {
  const at = line.lastIndexOf(': ');
  return [line.slice(0, at).trim().replaceAll('"', ''), line.slice(at + 2) as Digest];
}

function isTagged(text: string): boolean {
  try {
    const reference = parseReference(text);
    return (
      reference.tag !== undefined && reference.digest === undefined && formatReference(reference) === text
    );
  } catch (error) {
    if (isBundlesError(error)) return false;
    throw error;
  }
}
