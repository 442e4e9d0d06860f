import { createHash } from 'node:crypto';
import type { GitHub } from '../github/github.js';
import { notGitHub } from '../github/github-error.js';

export interface TreeFile {
  readonly mode: string;
  readonly sha: string;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The name that git gives to these bytes. */
export function blobSha(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
}

/** Which of some paths are files of a tree, links and submodules not counted. */
export async function readTreeFiles(
  github: GitHub,
  tree: string,
  paths: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, TreeFile>> {
  const whole = await listTree(github, tree, { ...options, recursive: true });
  const files = new Map<string, TreeFile>();
  const add = (path: string, entry: Entry | undefined) => {
    if (entry?.type === 'blob' && /^100\d{3}$/.test(entry.mode)) files.set(path, entry);
  };
  if (!whole.truncated) for (const path of paths) add(path, whole.entries.get(path));
  else {
    // The tree of a very large repository comes in parts: one directory after the other.
    const known = new Map<string, Promise<Listing>>();
    const list = (sha: string) => {
      const listed = known.get(sha) ?? listTree(github, sha, { ...options, recursive: false });
      known.set(sha, listed);
      return listed;
    };
    for (const path of paths) add(path, await entryAt(tree, path.split('/'), list));
  }
  return files;
}

async function entryAt(
  tree: string,
  names: readonly string[],
  list: (sha: string) => Promise<Listing>,
): Promise<Entry | undefined> {
  const [name = '', ...rest] = names;
  const entry = (await list(tree)).entries.get(name);
  if (rest.length === 0) return entry;
  return entry?.type === 'tree' ? entryAt(entry.sha, rest, list) : undefined;
}

/** The bytes of a blob. */
export async function readBlob(github: GitHub, sha: string, options: CallOptions): Promise<Uint8Array> {
  const doing = `read the blob ${sha}`;
  const { content, encoding } = await github.ask(
    doing,
    (rest, where) => rest.git.getBlob({ ...where, file_sha: sha }),
    options,
  );
  if (typeof content !== 'string') throw notGitHub(doing);
  return Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
}

interface Entry extends TreeFile {
  readonly type: string;
}

interface Listing {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly truncated: boolean;
}

async function listTree(
  github: GitHub,
  sha: string,
  { signal, recursive }: CallOptions & { readonly recursive: boolean },
): Promise<Listing> {
  const doing = `read the tree ${sha}`;
  const { tree, truncated } = await github.ask(
    doing,
    (rest, where) =>
      rest.git.getTree({ ...where, tree_sha: sha, ...(recursive ? { recursive: 'true' } : {}) }),
    { signal },
  );
  if (!Array.isArray(tree)) throw notGitHub(doing);
  const entries = new Map(tree.map(({ path, mode, type, sha: blob }) => [path, { mode, type, sha: blob }]));
  return { entries, truncated: truncated === true };
}
