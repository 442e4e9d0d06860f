import { createHash } from 'node:crypto';
import { utf8Text } from '../../bytes/utf8-text.js';
import { BundlesError } from '../../errors.js';
import type { GitHub } from '../github/github.js';
import { isGitHubError } from '../github/github-error.js';
import { blobSha, readBlob, readTreeFiles } from './git-tree.js';
import { descriptionOf, isOurCommit, messageOf, readEdits } from './proposal-texts.js';

export interface ProposalRequest {
  /** Files that may hold references, by path from the root of the repository, as they are in this checkout. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The same file with its references brought to the lock, and a line for each bundle whose references changed. */
  readonly update: (
    path: string,
    bytes: Uint8Array,
  ) => { readonly bytes: Uint8Array; readonly bundles: readonly string[] };
  /** The branch that is to change. Default the repository's own. */
  readonly base?: string | undefined;
  /** The branch that the commit goes to. */
  readonly branch: string;
}

export interface Proposal {
  /** `none`: the base branch is up to date; `left`: a person has decided, see `reason`. */
  readonly action: 'created' | 'updated' | 'unchanged' | 'left' | 'none';
  /** `commits`: the branch has commits of others; `closed`: this proposal was closed. */
  readonly reason: 'commits' | 'closed' | null;
  readonly number: number | null;
  readonly url: string | null;
  readonly base: string;
  readonly branch: string;
  /** The branch's last commit. */
  readonly commit: string | null;
  /** The files that the pull request changes. */
  readonly files: readonly string[];
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How often the branch may change under us. */
const mostAttempts = 6;
/** Bytes of texts that are sent within one tree; what is beyond goes alone. */
const inlineLimit = 20 * 1024 * 1024;
const mostCommits = 1000;

/**
 * Proposes the updates as one commit on one branch with one pull request, by the Git Data API. Files are edited as the base
 * branch has them, not as this checkout does. The branch is read first: it is created if missing, gets a commit if its edits
 * are not the wanted ones, and is left alone if others have committed to it. It moves only forward, so that a concurrent
 * commit is never lost; it is replaced only if no pull request is open for it.
 *
 * @throws GITHUB_UNREACHABLE, GITHUB_DENIED, GITHUB_REFUSED, RATE_LIMITED; what was done by then is found by the next run
 */
export async function proposeUpdates(
  github: GitHub,
  request: ProposalRequest,
  options: CallOptions = {},
): Promise<Proposal> {
  const repository = await github.ask('read the repository', (rest, where) => rest.repos.get(where), options);
  const base = request.base ?? repository.default_branch;
  const owner = repository.owner.login;
  if (base === request.branch) {
    throw new BundlesError(
      'USAGE',
      `Cannot commit to ${JSON.stringify(base)}: it is the branch to be changed`,
      {
        hint: 'Give the commit a branch of its own with --branch',
      },
    );
  }
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const proposal = await attemptProposal({ github, request, base, owner, options });
    if (proposal !== 'again') return proposal;
  }
  throw new BundlesError(
    'GITHUB_REFUSED',
    `Cannot update the branch ${JSON.stringify(request.branch)}: it changed ${mostAttempts} times during the update`,
    {
      hint: 'Run one job at a time for this branch',
      details: { branch: request.branch, reason: 'conflict' },
    },
  );
}

interface Attempt {
  readonly github: GitHub;
  readonly request: ProposalRequest;
  readonly base: string;
  /** The owner of the branch: the repository may have been transferred. */
  readonly owner: string;
  readonly options: CallOptions;
}

async function attemptProposal(attempt: Attempt): Promise<Proposal | 'again'> {
  const { github, request, base, options } = attempt;
  const { branch } = request;
  const head = await readHead(attempt, base);
  if (head === undefined) {
    throw new BundlesError(
      'GITHUB_REFUSED',
      `Cannot read the branch ${JSON.stringify(base)}: it does not exist`,
      {
        hint: 'Name the branch to change with --base',
        details: { branch: base, reason: 'not-found' },
      },
    );
  }
  const commit = await github.ask(
    `read the commit ${head}`,
    (rest, where) => rest.git.getCommit({ ...where, commit_sha: head }),
    options,
  );
  const bundles = new Set<string>();
  const wanted = await wantedFiles(attempt, commit.tree.sha, bundles);
  const files = [...wanted.keys()];
  const result = { base, branch, number: null, url: null, commit: null, reason: null, files };
  if (wanted.size === 0) return { ...result, action: 'none' };
  const edits = editsDigest(wanted);
  const onBase: OnBase = { head, tree: commit.tree.sha, wanted, bundles: [...bundles].sort(), edits };
  const pulls = await listPulls(attempt);
  const open = pulls.find(({ state }) => state === 'open');
  const pull = { number: open?.number ?? null, url: open?.html_url ?? null };
  const [last] = pulls;
  if (!open && last && last.merged_at === null && readEdits(last.body ?? '') === edits)
    return { ...result, action: 'left', reason: 'closed', number: last.number, url: last.html_url };
  const branchHead = await readHead(attempt, branch);
  const moved = await moveBranch(attempt, onBase, branchHead, open !== undefined);
  if (moved === 'again') return 'again';
  if (moved === 'left')
    return { ...result, ...pull, action: 'left', reason: 'commits', commit: branchHead ?? null };
  if (open) {
    const isCurrent = readEdits(open.body ?? '') === edits;
    if (!isCurrent) await describe(attempt, open.number, onBase);
    const action = moved.isNew || !isCurrent ? 'updated' : 'unchanged';
    return { ...result, ...pull, action, commit: moved.commit };
  }
  const created = await createPull(attempt, onBase);
  return { ...result, ...created, action: 'created', commit: moved.commit };
}

interface OnBase {
  /** The base branch's commit and its tree. */
  readonly head: string;
  readonly tree: string;
  readonly wanted: ReadonlyMap<string, WantedFile>;
  /** A line for each bundle that the edits are about. */
  readonly bundles: readonly string[];
  readonly edits: string;
}

interface WantedFile {
  readonly mode: string;
  readonly sha: string;
  readonly bytes: Uint8Array;
}

async function readHead({ github, options }: Attempt, branch: string): Promise<string | undefined> {
  const ref = await github.find(
    `read the branch ${JSON.stringify(branch)}`,
    (rest, where) => rest.git.getRef({ ...where, ref: `heads/${branch}` }),
    options,
  );
  return ref?.object.sha;
}

/** The files of the base branch that are out of date, as they are to become. */
async function wantedFiles(
  { github, request, options }: Attempt,
  tree: string,
  bundles: Set<string>,
): Promise<Map<string, WantedFile>> {
  const paths = [...request.files.keys()].sort();
  const found = await readTreeFiles(github, tree, paths, options);
  const read = async (path: string, sha: string): Promise<Uint8Array> => {
    const local = request.files.get(path);
    return local && blobSha(local) === sha ? local : readBlob(github, sha, options);
  };
  const texts = await Promise.all(
    [...found].map(async ([path, file]) => ({ path, ...file, before: await read(path, file.sha) })),
  );
  const wanted = new Map<string, WantedFile>();
  for (const { path, mode, before } of texts) {
    const { bytes, bundles: own } = request.update(path, before);
    if (Buffer.from(bytes).equals(before)) continue;
    wanted.set(path, { mode, sha: blobSha(bytes), bytes });
    for (const bundle of own) bundles.add(bundle);
  }
  return wanted;
}

function editsDigest(wanted: ReadonlyMap<string, WantedFile>): string {
  const list = [...wanted].map(([path, { mode, sha }]) => [path, mode, sha]);
  return createHash('sha256').update(JSON.stringify(list)).digest('hex');
}

function listPulls({ github, request, base, owner, options }: Attempt) {
  return github.list(
    'list pull requests',
    (rest, where) => rest.pulls.list({ ...where, state: 'all', base, head: `${owner}:${request.branch}` }),
    options,
  );
}

type Moved = { readonly commit: string; readonly isNew: boolean };

async function moveBranch(
  attempt: Attempt,
  onBase: OnBase,
  head: string | undefined,
  isOpen: boolean,
): Promise<Moved | 'again' | 'left'> {
  if (head === undefined) {
    const commit = await writeCommit(attempt, onBase, [onBase.head]);
    return createBranch(attempt, commit);
  }
  const compared = await compare(attempt, onBase.head, head);
  if (compared === undefined || !compared.commits.every(isOurCommit)) return 'left';
  const { commits, behind } = compared;
  if (readEdits(commits.find(({ sha }) => sha === head)?.message ?? '') === onBase.edits)
    return { commit: head, isNew: false };
  const parents = isOpen && commits.length > 0 ? [head, ...(behind > 0 ? [onBase.head] : [])] : [onBase.head];
  const commit = await writeCommit(attempt, onBase, parents);
  // Those of a pull request that was closed or merged are not shown again.
  const force = !isOpen && commits.length > 0;
  if (force && (await readHead(attempt, attempt.request.branch)) !== head) return 'again';
  return updateBranch(attempt, commit, force);
}

async function createBranch({ github, request, options }: Attempt, commit: string): Promise<Moved | 'again'> {
  const ref = `heads/${request.branch}`;
  const doing = `create the branch ${JSON.stringify(request.branch)}`;
  const { value } = await github.ensure(
    {
      doing,
      look: () => github.find(doing, (rest, where) => rest.git.getRef({ ...where, ref }), options),
      create: (rest, where) => rest.git.createRef({ ...where, ref: `refs/${ref}`, sha: commit }),
    },
    options,
  );
  return value.object.sha === commit ? { commit, isNew: true } : 'again';
}

/** Not sent twice: what the branch has become in between is looked at instead. */
async function updateBranch(
  { github, request, options }: Attempt,
  commit: string,
  force: boolean,
): Promise<Moved | 'again'> {
  try {
    await github.ask(
      `update the branch ${JSON.stringify(request.branch)}`,
      (rest, where) => rest.git.updateRef({ ...where, ref: `heads/${request.branch}`, sha: commit, force }),
      { ...options, repeat: false },
    );
    return { commit, isNew: true };
  } catch (error) {
    const isSettled = !isGitHubError(error) || !(error.mayHaveHappened || mayPass.has(error.reason));
    if (isSettled) throw error;
    return 'again';
  }
}

const mayPass: ReadonlySet<string> = new Set(['invalid', 'conflict', 'network']);

interface ComparedCommit {
  readonly sha: string;
  readonly tree: string;
  readonly message: string;
}

/** What the branch has that the base has not; undefined where that is more than we ever made. */
async function compare(
  { github, options }: Attempt,
  base: string,
  head: string,
): Promise<{ readonly commits: readonly ComparedCommit[]; readonly behind: number } | undefined> {
  const commits: ComparedCommit[] = [];
  for (let page = 1; ; page++) {
    const answer = await github.ask(
      'compare the branch with its base',
      (rest, where) =>
        rest.repos.compareCommitsWithBasehead({
          ...where,
          basehead: `${base}...${head}`,
          per_page: 100,
          page,
        }),
      options,
    );
    for (const { sha, commit } of answer.commits)
      commits.push({ sha, tree: commit.tree.sha, message: commit.message });
    if (commits.length >= answer.total_commits) return { commits, behind: answer.behind_by };
    if (answer.commits.length === 0 || commits.length > mostCommits) return undefined;
  }
}

async function writeCommit(
  { github, options }: Attempt,
  { tree: baseTree, wanted, bundles, edits }: OnBase,
  parents: readonly string[],
): Promise<string> {
  const entries: TreeEntry[] = [];
  let inline = 0;
  for (const [path, { mode, bytes }] of wanted) {
    const text = utf8Text(bytes);
    inline += bytes.byteLength;
    const content = text !== undefined && inline <= inlineLimit ? { content: text } : undefined;
    entries.push({
      path,
      mode: mode as Mode,
      type: 'blob',
      ...(content ?? (await writeBlob(github, bytes, options))),
    });
  }
  const tree = await github.ask(
    'write the tree',
    (rest, where) => rest.git.createTree({ ...where, base_tree: baseTree, tree: entries }),
    options,
  );
  const message = messageOf({ bundles, tree: tree.sha, edits });
  const commit = await github.ask(
    'write the commit',
    (rest, where) => rest.git.createCommit({ ...where, message, tree: tree.sha, parents: [...parents] }),
    options,
  );
  return commit.sha;
}

type Mode = '100644' | '100755';

interface TreeEntry {
  path: string;
  mode: Mode;
  type: 'blob';
  sha?: string;
  content?: string;
}

async function writeBlob(
  github: GitHub,
  bytes: Uint8Array,
  options: CallOptions,
): Promise<{ readonly sha: string }> {
  const content = Buffer.from(bytes).toString('base64');
  const { sha } = await github.ask(
    'write a blob',
    (rest, where) => rest.git.createBlob({ ...where, content, encoding: 'base64' }),
    options,
  );
  return { sha };
}

async function describe({ github, options }: Attempt, number: number, onBase: OnBase): Promise<void> {
  const body = descriptionOf({ ...onBase, files: [...onBase.wanted.keys()] });
  await github.ask(
    `describe the pull request #${number}`,
    (rest, where) => rest.pulls.update({ ...where, pull_number: number, body }),
    options,
  );
}

async function createPull(
  attempt: Attempt,
  { wanted, bundles, edits }: OnBase,
): Promise<{ readonly number: number; readonly url: string }> {
  const { github, request, base, options } = attempt;
  const { value } = await github.ensure(
    {
      doing: 'create the pull request',
      async look() {
        const found = (await listPulls(attempt)).find(({ state }) => state === 'open');
        return found && { number: found.number, html_url: found.html_url };
      },
      create: (rest, where) =>
        rest.pulls.create({
          ...where,
          base,
          head: request.branch,
          title: 'Update references to Tekton bundles',
          body: descriptionOf({ bundles, files: [...wanted.keys()], edits }),
        }),
    },
    options,
  );
  return { number: value.number, url: value.html_url };
}
