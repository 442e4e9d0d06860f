import { type Digest, isDigest } from '../../oci/digest.js';
import {
  type ConfigNode,
  listAt,
  mappingAt,
  recordAt,
  report,
  requireAt,
} from '../../yaml-file/config-node.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import { isBundleName } from '../config/bundle-name.js';
import { parsePath } from '../config/parse-path.js';
import { parseTaggedReference } from '../config/parse-reference-field.js';
import { parseText } from '../config/parse-scalar.js';
import {
  emptyLock,
  type Lock,
  type LockEntry,
  type LockedWorkflow,
  type LockObject,
  type LockSchema,
} from './lock.js';

const entryKeys = ['reference', 'digest', 'created', 'sources', 'objects', 'schema', 'images'] as const;

const createdRule = {
  wanted: 'a time such as 1970-01-01T00:00:00Z, in quotes',
  pattern: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/,
};
const hashRule = { wanted: '64 lower-case hexadecimal digits, in quotes', pattern: /^[a-f0-9]{64}$/ };

/** A whole lock file; what is wrong lands in the place's problems. */
export function parseLockNode(root: ConfigNode): Lock {
  const { version, bundles, workflows } = recordAt(root, ['version', 'bundles', 'workflows']);
  checkVersion(root, version);
  if (root.problems.length > 0) return emptyLock;
  return { entries: parseEntries(bundles), workflows: parseWorkflows(workflows) };
}

/** Where the root has its known keys and no others. */
export function checkVersion(root: ConfigNode, version: ConfigNode): void {
  const later = typeof version.value === 'number' && version.value > 1;
  if (root.problems.length === 0 && requireAt(version, '1') && version.value !== 1) {
    const hint = later ? 'A later version of this program wrote it; use that one' : undefined;
    report(version, `found ${showValue(version.value)}, wanted 1`, { hint });
  }
}

/** The entries of a lock, or of a part of one. */
export function parseEntries(bundles: ConfigNode): Map<string, LockEntry> {
  requireAt(bundles, 'a mapping of bundles by name');
  const entries = new Map<string, LockEntry>();
  for (const [name, child] of namedAt(bundles, 'bundle')) {
    const entry = entryAt(child);
    if (entry !== undefined) entries.set(name, entry);
  }
  return entries;
}

function parseWorkflows(workflows: ConfigNode): Lock['workflows'] {
  const known = new Map<string, LockedWorkflow>();
  for (const [name, child] of namedAt(workflows, 'workflow')) {
    const workflow = workflowAt(child);
    if (workflow !== undefined) known.set(name, workflow);
  }
  return known;
}

function namedAt(node: ConfigNode, what: string): [string, ConfigNode][] {
  return [...(mappingAt(node) ?? [])].filter(([name, child]) => {
    if (!isBundleName(name))
      report(child, `found ${showText(name)}, wanted the name of a ${what}`, { at: 'key' });
    else if (mappingAt({ ...child, problems: [] }) === undefined)
      report(child, `found ${showValue(child.value)}, wanted a mapping`);
    else return true;
    return false;
  });
}

/** References, addresses of git repositories, digests and commits: what they are is seen where they are used. */
const sourceRule = { wanted: 'a reference or an address without blanks', pattern: /^[^\s@]+(?:@[^\s@]+)?$/ };
const pinRule = {
  wanted: 'sha256: and 64 lower-case hexadecimal digits, or a commit of 40',
  pattern: /^(?:sha256:[a-f0-9]{64}|[a-f0-9]{40})$/,
};

function workflowAt(node: ConfigNode): LockedWorkflow | undefined {
  const nodes = recordAt(node, ['reference', 'digest', 'version', 'schema']);
  for (const key of ['reference', 'digest', 'version'] as const)
    requireAt(nodes[key], 'it in every workflow');
  const reference = parseText(nodes.reference, sourceRule);
  const digest = parseText(nodes.digest, pinRule);
  const version = parseText(nodes.version, { wanted: 'the version of the workflow', longest: 50 });
  const schema = schemaAt(nodes.schema);
  if (reference === undefined || digest === undefined || version === undefined) return undefined;
  return { reference, digest, version, schema };
}

function entryAt(node: ConfigNode): LockEntry | undefined {
  const nodes = recordAt(node, entryKeys);
  for (const key of entryKeys) if (key !== 'schema') requireAt(nodes[key], 'it in every entry');
  const reference = parseTaggedReference(nodes.reference);
  const digest = digestAt(nodes.digest);
  const created = parseText(nodes.created, createdRule);
  const sources = digestAt(nodes.sources);
  const objects = (listAt(nodes.objects) ?? []).map(objectAt);
  const schema = schemaAt(nodes.schema);
  const images = parseImages(nodes.images);
  if (reference === undefined || digest === undefined || created === undefined || sources === undefined)
    return undefined;
  const known = objects.filter((object) => object !== undefined);
  const text = nodes.reference.value as string;
  return { reference: text, digest, created, sources, objects: known, schema, images };
}

function objectAt(node: ConfigNode): LockObject | undefined {
  const keys = ['apiVersion', 'kind', 'name', 'diffId'] as const;
  const nodes = recordAt(node, keys);
  for (const key of keys) requireAt(nodes[key], 'it in every object');
  const rule = { wanted: 'text', longest: 500 };
  const apiVersion = parseText(nodes.apiVersion, rule);
  const kind = parseText(nodes.kind, rule);
  const name = parseText(nodes.name, rule);
  const diffId = digestAt(nodes.diffId);
  if (apiVersion === undefined || kind === undefined || name === undefined || diffId === undefined)
    return undefined;
  return { apiVersion, kind, name, diffId };
}

function schemaAt(node: ConfigNode): LockSchema | undefined {
  if (node.value === undefined) return undefined;
  const { path, contentHash } = recordAt(node, ['path', 'contentHash']);
  requireAt(path, 'the path of the schema');
  requireAt(contentHash, 'the hash of the schema');
  const found = parsePath(path, 'the path of the schema');
  const hash = parseText(contentHash, hashRule);
  return found === undefined || hash === undefined ? undefined : { path: found, contentHash: hash };
}

function parseImages(node: ConfigNode): ReadonlyMap<string, Digest> {
  const images = new Map<string, Digest>();
  for (const [name, child] of mappingAt(node) ?? []) {
    const digest = digestAt(child);
    if (digest !== undefined) images.set(name, digest);
  }
  return images;
}

export function digestAt(node: ConfigNode): Digest | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  if (isDigest(value) && value.startsWith('sha256:')) return value;
  report(node, `found ${showValue(value)}, wanted sha256: and 64 lower-case hexadecimal digits`);
  return undefined;
}
