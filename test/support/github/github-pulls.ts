import type { GitObjects, TreeEntry } from './git-objects.js';
import { type Answer, list, notFound, type Route, unprocessable } from './github-routes.js';

export interface FakePull {
  readonly number: number;
  readonly head: string;
  base: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  merged_at: string | null;
  /** The head's commit when it was closed. */
  closedAt: string | null;
}

export interface RepositoryState {
  readonly objects: GitObjects;
  /** By `heads/NAME` or `tags/NAME`. */
  readonly refs: Map<string, string>;
  readonly pulls: FakePull[];
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  /** Entries beyond which a recursive tree is cut off. */
  treeLimit: number;
}

/** Branches, trees, commits and pull requests by the Git Data API. */
export function pullRoutes(state: RepositoryState): readonly Route[] {
  const { objects, refs, pulls, owner } = state;
  const commitOf = (name: string) => (objects.commits.has(name) ? name : refs.get(`heads/${name}`));
  const showRef = (ref: string) => ({ ref: `refs/${ref}`, object: { type: 'commit', sha: refs.get(ref) } });
  const showCommit = (sha: string) => {
    const { tree, parents, message, author } = objects.commits.get(sha) ?? never();
    return {
      tree: { sha: tree },
      message,
      author: { name: author },
      parents: parents.map((one) => ({ sha: one })),
    };
  };
  const showPull = ({ head, base, closedAt, ...pull }: FakePull) => ({
    ...pull,
    html_url: `https://github.test/pull/${pull.number}`,
    head: { ref: head, sha: closedAt ?? refs.get(`heads/${head}`), label: `${owner}:${head}` },
    base: { ref: base },
  });
  return [
    [
      'GET',
      /^$/,
      () => ({
        status: 200,
        data: {
          default_branch: state.defaultBranch,
          owner: { login: owner },
          full_name: `${owner}/${state.name}`,
        },
      }),
    ],
    [
      'GET',
      /^\/git\/ref\/(.+)$/,
      ({ parts: [ref = ''] }) => (refs.has(ref) ? { status: 200, data: showRef(ref) } : notFound()),
    ],
    [
      'POST',
      /^\/git\/refs$/,
      ({ json }) => {
        const ref = String(json.ref).replace(/^refs\//, '');
        if (refs.has(ref)) return unprocessable('Reference already exists');
        if (!objects.commits.has(String(json.sha))) return unprocessable('Object does not exist');
        refs.set(ref, String(json.sha));
        return { status: 201, data: showRef(ref) };
      },
    ],
    [
      'PATCH',
      /^\/git\/refs\/(.+)$/,
      ({ parts: [ref = ''], json }) => {
        const old = refs.get(ref);
        const sha = String(json.sha);
        if (old === undefined || !objects.commits.has(sha)) return unprocessable('Reference does not exist');
        if (json.force !== true && !objects.ancestors(sha).has(old))
          return unprocessable('Update is not a fast forward');
        refs.set(ref, sha);
        return { status: 200, data: showRef(ref) };
      },
    ],
    [
      'POST',
      /^\/git\/blobs$/,
      ({ json }) => {
        const encoding = json.encoding === 'base64' ? 'base64' : 'utf8';
        return { status: 201, data: { sha: objects.writeBlob(Buffer.from(String(json.content), encoding)) } };
      },
    ],
    [
      'GET',
      /^\/git\/blobs\/(\w+)$/,
      ({ parts: [sha = ''] }) => {
        const bytes = objects.blobs.get(sha);
        if (!bytes) return notFound();
        return {
          status: 200,
          data: { sha, encoding: 'base64', size: bytes.length, content: bytes.toString('base64') },
        };
      },
    ],
    ['POST', /^\/git\/trees$/, ({ json }) => postTree(state, json)],
    [
      'GET',
      /^\/git\/trees\/(\w+)$/,
      ({ parts: [name = ''], request }) => {
        const sha = objects.commits.get(name)?.tree ?? name;
        const here = objects.tree(sha);
        if (!here) return notFound();
        const entries = request.query.has('recursive') ? objects.flatten(sha, { trees: true }) : here;
        const shown = [...entries].map(([path, entry]) => ({ path, ...entry }));
        const truncated = request.query.has('recursive') && shown.length > state.treeLimit;
        return {
          status: 200,
          data: { sha, tree: truncated ? shown.slice(0, state.treeLimit) : shown, truncated },
        };
      },
    ],
    [
      'POST',
      /^\/git\/commits$/,
      ({ json }) => {
        const parents = (json.parents as string[] | undefined) ?? [];
        const isKnown = objects.tree(String(json.tree)) && parents.every((one) => objects.commits.has(one));
        if (!isKnown) return unprocessable('Tree SHA does not exist');
        const sha = objects.writeCommit({
          tree: String(json.tree),
          parents,
          message: String(json.message),
          author: 'github-actions[bot]',
        });
        return { status: 201, data: { sha, ...showCommit(sha) } };
      },
    ],
    [
      'GET',
      /^\/git\/commits\/(\w+)$/,
      ({ parts: [sha = ''] }) =>
        objects.commits.has(sha) ? { status: 200, data: { sha, ...showCommit(sha) } } : notFound(),
    ],
    [
      'GET',
      /^\/compare\/(.+)\.\.\.(.+)$/,
      ({ parts: [from = '', to = ''], request }) => {
        const [base, head] = [commitOf(from), commitOf(to)];
        if (!base || !head) return notFound();
        const [before, after] = [objects.ancestors(base), objects.ancestors(head)];
        const ahead = [...after].filter((sha) => !before.has(sha)).reverse();
        const behind = [...before].filter((sha) => !after.has(sha)).length;
        const page = list(
          ahead.map((sha) => ({ sha, commit: showCommit(sha) })),
          request,
        );
        return {
          status: 200,
          data: {
            ahead_by: ahead.length,
            behind_by: behind,
            total_commits: ahead.length,
            commits: page.data,
          },
          headers: page.headers ?? {},
        };
      },
    ],
    [
      'GET',
      /^\/pulls$/,
      ({ request }) => {
        const { query } = request;
        const wanted = query.get('state') ?? 'open';
        const found = pulls.filter(
          (pull) =>
            (wanted === 'all' || pull.state === wanted) &&
            (!query.has('base') || pull.base === query.get('base')) &&
            (!query.has('head') || `${owner}:${pull.head}` === query.get('head')),
        );
        return list(found.map(showPull).reverse(), request);
      },
    ],
    ['POST', /^\/pulls$/, ({ json }) => postPull(state, json, showPull)],
    [
      'PATCH',
      /^\/pulls\/(\d+)$/,
      ({ parts: [number], json }) => {
        const pull = pulls.find((one) => one.number === Number(number));
        if (!pull) return notFound();
        if (json.title !== undefined) pull.title = String(json.title);
        if (json.body !== undefined) pull.body = String(json.body);
        return { status: 200, data: showPull(pull) };
      },
    ],
  ];
}

interface GivenEntry {
  readonly path: string;
  readonly mode: string;
  readonly type?: TreeEntry['type'];
  readonly sha?: string | null;
  readonly content?: string;
}

function postTree({ objects }: RepositoryState, json: Readonly<Record<string, unknown>>): Answer {
  const base = json.base_tree === undefined ? undefined : String(json.base_tree);
  const root = base === undefined ? undefined : (objects.commits.get(base)?.tree ?? base);
  if (root !== undefined && !objects.tree(root)) return notFound();
  const entries = root === undefined ? new Map<string, TreeEntry>() : objects.flatten(root);
  for (const { path, mode, type = 'blob', sha, content } of json.tree as GivenEntry[]) {
    const blob = content === undefined ? sha : objects.writeBlob(Buffer.from(content));
    if (blob === null) entries.delete(path);
    else if (blob === undefined || !objects.blobs.has(blob))
      return unprocessable('tree.sha is not a valid blob');
    else entries.set(path, { mode, type, sha: blob });
  }
  const sha = objects.writeTree(entries);
  return { status: 201, data: { sha, tree: [], truncated: false } };
}

function postPull(
  { objects, refs, pulls, owner }: RepositoryState,
  json: Readonly<Record<string, unknown>>,
  show: (pull: FakePull) => unknown,
): Answer {
  const [head, base] = [String(json.head).replace(`${owner}:`, ''), String(json.base)];
  const [from, to] = [refs.get(`heads/${base}`), refs.get(`heads/${head}`)];
  const refuse = (message: string) =>
    unprocessable('Validation Failed', { resource: 'PullRequest', code: 'custom', message });
  if (from === undefined || to === undefined) return refuse('head is invalid');
  if (pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base))
    return refuse(`A pull request already exists for ${owner}:${head}.`);
  if (objects.ancestors(from).has(to)) return refuse(`No commits between ${base} and ${head}`);
  const pull: FakePull = {
    number: pulls.length + 1,
    head,
    base,
    title: String(json.title),
    body: String(json.body ?? ''),
    state: 'open',
    merged_at: null,
    closedAt: null,
  };
  pulls.push(pull);
  return { status: 201, data: show(pull) };
}

function never(): never {
  throw new Error('an object that is not there');
}
