import { createHash } from 'node:crypto';

export interface TreeEntry {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
}

export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: string;
}

/** The object database of one repository, with git's own hashes. */
export interface GitObjects {
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly commits: ReadonlyMap<string, GitCommit>;
  writeBlob(bytes: Uint8Array): string;
  /** Of entries by their path in the whole tree; writes the trees of all directories. */
  writeTree(entries: ReadonlyMap<string, TreeEntry>): string;
  /** The entries of one directory, by name; undefined for an unknown tree. */
  tree(sha: string): ReadonlyMap<string, TreeEntry> | undefined;
  /** All entries that are not trees, by path; with `trees` those too. */
  flatten(sha: string, options?: { readonly trees?: boolean }): Map<string, TreeEntry>;
  writeCommit(commit: Omit<GitCommit, 'sha'>): string;
  /** A commit and all those before it. */
  ancestors(sha: string): Set<string>;
}

export function createGitObjects(): GitObjects {
  const blobs = new Map<string, Buffer>();
  const trees = new Map<string, ReadonlyMap<string, TreeEntry>>();
  const commits = new Map<string, GitCommit>();
  let time = 0;

  const objects: GitObjects = {
    blobs,
    commits,
    writeBlob(bytes) {
      const sha = hash('blob', bytes);
      blobs.set(sha, Buffer.from(bytes));
      return sha;
    },
    writeTree(entries) {
      const here = new Map<string, TreeEntry>();
      const below = new Map<string, Map<string, TreeEntry>>();
      for (const [path, entry] of entries) {
        const [name = '', ...rest] = path.split('/');
        if (rest.length === 0) here.set(name, entry);
        else below.set(name, (below.get(name) ?? new Map()).set(rest.join('/'), entry));
      }
      for (const [name, inner] of below)
        here.set(name, { mode: '040000', type: 'tree', sha: objects.writeTree(inner) });
      // Git sorts a directory as if its name ended in a slash.
      const keyOf = ([name, { type }]: readonly [string, TreeEntry]) => (type === 'tree' ? `${name}/` : name);
      const sorted = [...here].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
      const parts = sorted.flatMap(([name, { mode, sha }]) => [
        Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
        Buffer.from(sha, 'hex'),
      ]);
      const sha = hash('tree', Buffer.concat(parts));
      trees.set(sha, new Map(sorted));
      return sha;
    },
    tree: (sha) => trees.get(sha),
    flatten(sha, { trees: withTrees = false } = {}) {
      const all = new Map<string, TreeEntry>();
      for (const [name, entry] of trees.get(sha) ?? []) {
        if (entry.type !== 'tree' || withTrees) all.set(name, entry);
        if (entry.type !== 'tree') continue;
        for (const [path, inner] of objects.flatten(entry.sha, { trees: withTrees }))
          all.set(`${name}/${path}`, inner);
      }
      return all;
    },
    writeCommit(commit) {
      const lines = [`tree ${commit.tree}`, ...commit.parents.map((parent) => `parent ${parent}`)];
      const who = `${commit.author} <${commit.author}@example.org> ${time++} +0000`;
      const text = [...lines, `author ${who}`, `committer ${who}`, '', commit.message].join('\n');
      const sha = hash('commit', Buffer.from(text));
      commits.set(sha, { ...commit, sha });
      return sha;
    },
    ancestors(sha) {
      const found = new Set([sha]);
      for (const one of found) for (const parent of commits.get(one)?.parents ?? []) found.add(parent);
      return found;
    },
  };
  return objects;
}

function hash(type: string, bytes: Uint8Array): string {
  return createHash('sha1').update(`${type} ${bytes.byteLength}\0`).update(bytes).digest('hex');
}
