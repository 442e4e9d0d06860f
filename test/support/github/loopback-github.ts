import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGitObjects, type TreeEntry } from './git-objects.js';
import { type GitHubFault, isCarriedOut, type SeenRequest } from './github-faults.js';
import { pullRoutes, type RepositoryState } from './github-pulls.js';
import { createReleaseState, type ReleaseState, releaseRoutes } from './github-releases.js';
import type { Answer, Route } from './github-routes.js';

export interface LoopbackGitHubOptions {
  /** The files of the first commit on the default branch. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** `/api/v3` on an Enterprise Server. Default none. */
  readonly prefix?: string;
  /** Longest page of any list. Default 100. */
  readonly pageSize?: number;
  /** What goes wrong with a request. Default nothing. */
  readonly faults?: (request: SeenRequest) => GitHubFault | undefined;
  /** Happens before a request is answered, e.g. somebody else's push. */
  readonly meanwhile?: (request: SeenRequest) => void;
  /** Seconds that a secondary limit asks to wait. Default 1. */
  readonly retryAfter?: number;
}

/** A GitHub with one repository, `acme/shop`, over real sockets. */
export interface LoopbackGitHub extends AsyncDisposable, RepositoryState, ReleaseState {
  /** For GITHUB_API_URL. */
  readonly url: string;
  readonly token: string;
  /** For GITHUB_REPOSITORY. */
  readonly repository: string;
  readonly requests: readonly SeenRequest[];
  /** What a person pushes: files over those of a branch, which is made where it is missing; gives the commit. */
  push(branch: string, files: Readonly<Record<string, string | Uint8Array>>, from?: string): string;
  /** The bytes of a file on a branch. */
  read(branch: string, path: string): Buffer | undefined;
}

const token = 'ghs_loopback0123456789abcdefghijklmnop';

export async function startLoopbackGitHub(options: LoopbackGitHubOptions = {}): Promise<LoopbackGitHub> {
  const { files = { 'README.md': '# shop\n' }, prefix = '', pageSize = 100 } = options;
  const state: RepositoryState = {
    objects: createGitObjects(),
    refs: new Map(),
    pulls: [],
    owner: 'acme',
    name: 'shop',
    defaultBranch: 'main',
    treeLimit: 100_000,
  };
  const releases = createReleaseState();
  const requests: SeenRequest[] = [];
  const root = `${prefix}/repos/${state.owner}/${state.name}`;
  const api = () => `${origin()}${root}`;
  const routes = [...pullRoutes(state), ...releaseRoutes(releases, { api })];
  const server = createServer((request, response) => {
    void answerRequest(request, response, { routes, requests, root, pageSize, options });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const push: LoopbackGitHub['push'] = (branch, changed, from = state.defaultBranch) => {
    const { objects, refs } = state;
    const parent = refs.get(`heads/${branch}`) ?? refs.get(`heads/${from}`);
    const entries: Map<string, TreeEntry> = parent
      ? objects.flatten(objects.commits.get(parent)!.tree)
      : new Map();
    for (const [path, content] of Object.entries(changed)) {
      const mode = entries.get(path)?.mode ?? (path.endsWith('.sh') ? '100755' : '100644');
      entries.set(path, { mode, type: 'blob', sha: objects.writeBlob(Buffer.from(content)) });
    }
    const tree = objects.writeTree(entries);
    const parents = parent ? [parent] : [];
    const sha = objects.writeCommit({ tree, parents, message: 'By hand', author: 'person' });
    refs.set(`heads/${branch}`, sha);
    return sha;
  };
  push('main', files);
  return Object.assign(releases, state, {
    url: `${origin()}${prefix}`,
    token,
    repository: `${state.owner}/${state.name}`,
    requests,
    push,
    read(branch: string, path: string) {
      const commit = state.objects.commits.get(state.refs.get(`heads/${branch}`) ?? '');
      const entry = commit && state.objects.flatten(commit.tree).get(path);
      return entry && state.objects.blobs.get(entry.sha);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Serving {
  readonly routes: readonly Route[];
  readonly requests: SeenRequest[];
  readonly root: string;
  readonly pageSize: number;
  readonly options: LoopbackGitHubOptions;
}

async function answerRequest(
  message: IncomingMessage,
  response: ServerResponse,
  { routes, requests, root, pageSize, options }: Serving,
): Promise<void> {
  const url = new URL(message.url ?? '/', 'http://github.test');
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  const path = decodeURIComponent(url.pathname);
  const { method = 'GET', headers } = message;
  const request: SeenRequest = { index: requests.length, method, path, query: url.searchParams, headers };
  requests.push(request);
  options.meanwhile?.(request);
  const fault = options.faults?.(request);
  const reply = ({ status, data, bytes, headers: own = {} }: Answer) => {
    const text = bytes ?? (status === 204 ? '' : JSON.stringify(data ?? {}));
    const type = bytes ? 'application/octet-stream' : 'application/json; charset=utf-8';
    response.writeHead(status, { ...(status === 204 ? {} : { 'content-type': type }), ...own }).end(text);
  };
  if (headers.authorization !== `Bearer ${token}`)
    return reply({ status: 401, data: { message: 'Bad credentials' } });
  const body = Buffer.concat(pieces);
  const work = (): Answer => {
    if (!path.startsWith(root)) return { status: 404, data: { message: 'Not Found' } };
    const local = path.slice(root.length);
    url.searchParams.set('max_page', String(pageSize));
    for (const [wanted, pattern, answer] of routes) {
      const parts = wanted === method ? pattern.exec(local) : null;
      if (parts) return answer({ request, parts: parts.slice(1), json: parse(body), body, fault });
    }
    return { status: 404, data: { message: 'Not Found' } };
  };
  const done = fault === undefined || isCarriedOut(fault) ? work() : undefined;
  if (fault === undefined && done) return reply(done);
  if (fault === 'reset' || fault === 'reset-after') return void message.socket.destroy();
  // Never answered: the client's deadline has to end it.
  if (fault === 'slow' || fault === 'slow-after') return;
  return reply(failedBy(fault, options));
}

function failedBy(fault: GitHubFault | undefined, { retryAfter = 1 }: LoopbackGitHubOptions): Answer {
  const limit = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  if (fault === 'secondary-limit')
    return { status: 403, data: { message: limit }, headers: { 'retry-after': String(retryAfter) } };
  if (fault === 'rate-limit') {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' };
    return { status: 403, data: { message: 'API rate limit exceeded' }, headers };
  }
  if (fault === 'conflict') return { status: 409, data: { message: 'Conflict' } };
  if (fault === 'not-json')
    return {
      status: 200,
      bytes: Buffer.from('<html>log in</html>'),
      headers: { 'content-type': 'text/html' },
    };
  return { status: 502, data: { message: 'Bad Gateway' } };
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
