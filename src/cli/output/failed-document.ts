import { isErrorCode } from '../../errors.js';
import { reportedError } from '../../publish/reported-error.js';

type Keys = Readonly<Record<string, null | readonly []>>;

const run: Keys = { bundles: [], summary: null };
const ensure: Keys = { bundles: [], workflows: [], summary: null, part: null };
/** What the JSON document of each command holds between `version` and `error`: lists are empty after a failure. */
const documentKeys: Readonly<Record<string, Keys>> = {
  ensure,
  check: ensure,
  register: ensure,
  bump: { name: null, file: null, from: null, to: null, renamed: null, written: null },
  'update-refs': { mode: null, files: [], left: [], skipped: null, pullRequest: null, summary: null },
  build: { bundles: [] },
  push: {
    reference: null,
    outcome: null,
    digest: null,
    previous: null,
    anchor: null,
    previousAnswers: null,
    built: null,
    configDigest: null,
    objects: [],
    requests: null,
    warnings: [],
  },
  list: { reference: null, digest: null, objects: [], bundles: [], workflows: [] },
  graph: { name: null, pipeline: null, tasks: [], omitted: null },
  digest: { name: null, digest: null, reference: null },
  tags: { repository: null, tags: [] },
  tag: { reference: null, digest: null, action: null, previous: null, anchor: null, requests: null },
  inspect: {
    reference: null,
    digest: null,
    mediaType: null,
    size: null,
    index: null,
    created: null,
    annotations: null,
    labels: null,
    config: null,
    objects: [],
    origin: null,
    problems: [],
    attached: null,
  },
  diff: {
    left: null,
    right: null,
    same: null,
    identical: null,
    objects: [],
    annotations: [],
    labels: [],
    notes: [],
  },
  explain: { name: null, kind: null, digest: null, chain: null, against: null, same: null, causes: [] },
  export: { bundles: [] },
  sbom: { bundles: [] },
  'lock merge': { lock: null, action: null, entries: null, parts: [] },
  copy: {
    source: null,
    target: null,
    digest: null,
    tags: [],
    referrers: null,
    signatures: [],
    copied: null,
    mounted: null,
    existing: null,
    bytes: null,
    warnings: [],
    requests: null,
  },
  release: {
    repository: null,
    tag: null,
    action: null,
    draft: null,
    immutable: null,
    url: null,
    assets: [],
    requests: null,
  },
  verify: { bundles: [], workflows: [], undeclared: [], summary: null, signatures: [] },
  'trusted-tasks': {
    trustedTasks: null,
    trustedTaskRules: null,
    bundles: [],
    written: null,
    digest: null,
    previous: null,
    anchor: null,
  },
  sign: { key: null, identity: null, bundles: [], summary: null },
  'sign --objects': { key: null, tekton: null, files: [], policy: null, summary: null },
  attest: { key: null, identity: null, predicateType: null, bundles: [], summary: null },
  'generate-key-pair': { private: null, public: null, fingerprint: null },
  doctor: { links: [] },
  run: { bundle: null, reference: null, digest: null, run: null, preflight: null, warnings: [] },
  lint: { files: [], findings: [], summary: null },
  'lint --explain': { rule: null, severity: null, means: null, example: null, instead: null, url: null },
  'explain CODE': { code: null, exit: null, means: null, example: null, remedy: null, url: null },
  'schema generate': { schemas: [], written: [] },
  'schema validate': { files: [] },
  'schema convert': { file: null, from: null, to: null, document: null, notes: [] },
  init: { written: [], files: [], bundles: [], workflows: [], skipped: [], lint: null },
  report: { html: null, source: null, workflows: null, versions: null, events: null },
  login: { registry: null, key: null, username: null, file: null, helper: null, verified: null },
  'login --catalog': { catalog: null, file: null, token: null, verified: null },
  'login --trust-config': { registry: null, config: null, settings: null, file: null },
  completion: { shell: null, script: null, candidates: [], rest: null },
  version: { program: null, node: null, openssl: null, platform: null },
  logout: { registry: null, removed: null, left: null, trust: null },
  'logout --catalog': { catalog: null, file: null },
  'images ensure': { images: [], summary: null, workflows: [] },
  pin: { bundles: [], workflows: [], summary: null },
  'images prune': {
    dryRun: null,
    images: [],
    containers: [],
    kept: null,
    bytes: null,
    warnings: [],
    freeBytes: null,
  },
  'images ps': { slots: null, builds: [] },
  'registry gc': {
    root: null,
    dryRun: null,
    bytes: null,
    files: null,
    manifests: null,
    uploads: null,
    repositories: [],
    problems: [],
  },
  'registry deploy': {
    namespace: null,
    image: null,
    context: null,
    service: null,
    reference: null,
    objects: [],
  },
  'registry serve': { url: null, host: null, port: null, root: null },
  'catalog serve': { url: null, host: null, port: null, root: null, database: null, mode: null },
  up: { variables: null, workflows: null },
};

/** The JSON document of a command that failed before it had a result: the keys of a success, and the error. */
export function failedDocument(
  command: string | undefined,
  words: readonly string[],
  error: unknown,
): object {
  return { version: 1, ...keysOf(command, words), error: reportedError(error) };
}

function keysOf(command: string | undefined, words: readonly string[]): Keys {
  // What these commands are about depends on an option or on their subject.
  if (command === 'explain' && words.some((word) => isErrorCode(word)))
    return documentKeys['explain CODE'] ?? run;
  const form = ['--catalog', '--trust-config', '--explain', '--objects'].find((flag) =>
    words.some((word) => word.split('=', 1)[0] === flag),
  );
  return documentKeys[`${command} ${form}`] ?? documentKeys[command ?? ''] ?? run;
}
