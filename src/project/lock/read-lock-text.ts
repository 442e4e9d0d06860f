import type { ConfigNode } from '../../yaml-file/config-node.js';
import { parseYamlFile } from '../../yaml-file/parse-yaml-file.js';
import { problemsError, type YamlFileKind } from '../../yaml-file/problems-error.js';
import { isBundleName } from '../config/bundle-name.js';
import { digest, path, readCanonicalLock } from './canonical-lock.js';
import type { Lock, LockedWorkflow } from './lock.js';
import { parseLockNode } from './parse-lock.js';

/**
 * A lock from its text; `file` states where it is.
 * @throws LOCK_INVALID
 */
export function parseLock(text: string, file: string): Lock {
  return readCanonicalLock(text, readCanonicalWorkflows) ?? parseAnyLock(text, file);
}

function parseAnyLock(text: string, file: string): Lock {
  const kind: YamlFileKind = {
    what: 'lock',
    file,
    invalid: 'LOCK_INVALID',
    conflictHint:
      'Take either side as a whole, e.g. git checkout --theirs, then run: npx tekton-bundles ensure',
  };
  const root: ConfigNode = { value: parseYamlFile(text, kind), path: [], problems: [] };
  const lock = parseLockNode(root);
  if (root.problems.length > 0) throw problemsError(root.problems, text, kind);
  return lock;
}

/** An entry of a workflow, with simple names. */
const workflowForm = new RegExp(
  [
    '^  "?(?<name>[a-z0-9._-]+)"?:\\n',
    '    reference: "?(?<reference>[\\w.:/@+~-]+)"?\\n',
    `    digest: "(?<digest>${digest}|[a-f0-9]{40})"\\n`,
    '    version: "(?<version>[\\w.+-]{1,50})"\\n',
    `(?:    schema:\\n      path: "?(?<path>${path})"?\\n      contentHash: "(?<hash>[a-f0-9]{64})"\\n)?`,
  ].join(''),
);

/** The workflows of a lock as formatLock usually writes them, behind the key; undefined for any other text. */
export function readCanonicalWorkflows(text: string): ReadonlyMap<string, LockedWorkflow> | undefined {
  const workflows = new Map<string, LockedWorkflow>();
  for (let rest = text; rest !== ''; ) {
    const match = workflowForm.exec(rest);
    const { name = '', reference = '', digest = '', version = '', path, hash = '' } = match?.groups ?? {};
    if (match === null || !isBundleName(name) || reference.split('@').length > 2) return undefined;
    const schema = path === undefined ? undefined : { path, contentHash: hash };
    workflows.set(name, { reference, digest, version, schema });
    rest = rest.slice(match[0].length);
  }
  return workflows;
}
