import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { type WebSocket, WebSocketServer } from 'ws';
import { type PrivateAuthority, privateAuthority } from '../network/certificates.js';
import { tempDir } from '../temp-dir.js';
import { type ApplyConflict, createKubeObjects, type KubeObject, type KubeObjects } from './kube-objects.js';

/** A kind of object that the server serves. */
export interface KubeResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface KubeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface KubeApiServerOptions {
  /** Beside the core ones and Deployments. */
  readonly resources?: readonly KubeResource[];
  /** Asked of every request. Default: `secret-token`. */
  readonly token?: string;
  /** Acts as a controller after each apply, e.g. writes a status. */
  readonly controller?: (path: string, object: KubeObject, objects: KubeObjects) => void;
  /** What is wrong with an object, as admission would report it. */
  readonly validate?: (object: KubeObject) => readonly string[];
  /** Answers instead of the server; undefined leaves the request to it. */
  readonly intercept?: (
    request: KubeRequest,
  ) => { readonly status: number; readonly body: unknown } | 'reset' | undefined;
  /** Port of this machine behind the forwarded ports of every pod. */
  readonly podPort?: () => number;
}

export interface KubeApiServer extends AsyncDisposable {
  readonly url: string;
  /** A file with one context, named `kind-test`, and the token. */
  readonly kubeconfig: string;
  /** Writes what pods of the namespace find mounted. */
  mountServiceAccount(directory: string, namespace?: string): Promise<void>;
  readonly objects: KubeObjects;
  readonly requests: readonly KubeRequest[];
}

const usualResources: readonly KubeResource[] = [
  { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
  { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true },
  { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  { group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true },
  { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  ...(['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'] as const).map((kind) => ({
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: !kind.startsWith('Cluster'),
  })),
  { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
];

/**
 * An API server of a few kinds: discovery, get, list with selectors, server-side apply with conflicts, delete, watch,
 * port-forward. No pods run behind it.
 */
export async function startKubeApiServer(options: KubeApiServerOptions = {}): Promise<KubeApiServer> {
  const { token = 'secret-token', intercept, podPort } = options;
  const resources = [...usualResources, ...(options.resources ?? [])];
  const objects = createKubeObjects();
  const requests: KubeRequest[] = [];
  const authority = privateAuthority();
  const { key, cert } = authority;
  const server = createServer({ key, cert }, async (incoming, response) => {
    const request = await readRequest(incoming);
    requests.push(request);
    const other = intercept?.(request);
    if (other === 'reset') {
      incoming.socket.destroy();
      return;
    }
    const authorized = incoming.headers.authorization === `Bearer ${token}`;
    if (!other && authorized && isWatch(request)) {
      watch(request, response, objects);
      return;
    }
    const found = discovery(request.path, resources);
    const answer =
      other ??
      (!authorized
        ? { status: 401, body: problem(401, 'Unauthorized') }
        : found
          ? { status: 200, body: found }
          : respond(request, objects, options));
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer.body));
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v4.channel.k8s.io' });
  server.on('upgrade', (incoming, socket, head) => {
    const forwarded = /\/portforward\?ports=(\d+)$/.exec(incoming.url ?? '');
    const authorized = incoming.headers.authorization === `Bearer ${token}`;
    if (!forwarded || !authorized || !podPort) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(incoming, socket, head, (peer) => forward(peer, Number(forwarded[1]), podPort()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = tempDir();
  const kubeconfig = join(directory.path, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText({ url, token, authority }));
  return {
    url,
    kubeconfig,
    objects,
    requests,
    async mountServiceAccount(mount, namespace = 'default') {
      const files = { token, 'ca.crt': authority.ca, namespace };
      for (const [name, text] of Object.entries(files)) await writeFile(join(mount, name), text);
    },
    async [Symbol.asyncDispose]() {
      for (const peer of sockets.clients) peer.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await directory[Symbol.asyncDispose]();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function respond(request: KubeRequest, objects: KubeObjects, options: KubeApiServerOptions): Answer {
  const { method, path, query } = request;
  const missing = { status: 404, body: problem(404, `${path} not found`, 'NotFound') };
  if (method === 'PATCH' && path.endsWith('/status')) return writeStatus(request, objects) ?? missing;
  if (method === 'PATCH') return apply(request, objects, options);
  if (method === 'DELETE') {
    const deleted = objects.delete(path);
    return deleted ? { status: 200, body: deleted } : missing;
  }
  const one = objects.get(path);
  if (one) return { status: 200, body: one };
  if (!isCollection(path)) return missing;
  const items = objects.list(path).filter((object) => selects(query, object));
  const metadata = { resourceVersion: String(objects.version()) };
  return { status: 200, body: { kind: 'List', apiVersion: 'v1', metadata, items } };
}

function apply(
  { path, query, body }: KubeRequest,
  objects: KubeObjects,
  { validate, controller }: KubeApiServerOptions,
): Answer {
  const given = body as KubeObject;
  const problems = validate?.(given) ?? [];
  if (problems.length > 0) return { status: 422, body: problem(422, problems.join(', '), 'Invalid') };
  const status = objects.get(path) === undefined ? 201 : 200;
  const by = { manager: query.fieldManager ?? 'unknown', force: query.force === 'true' };
  const applied = objects.apply(path, given, by);
  if (isConflict(applied)) {
    const fields = applied.fields.map((field) => `.${field}`).join(', ');
    const told = `Apply failed with ${applied.fields.length} conflict: conflict with ${JSON.stringify(applied.manager)}: ${fields}`;
    return { status: 409, body: problem(409, told, 'Conflict') };
  }
  const stored = withAddress(path, applied, objects);
  setImmediate(() => controller?.(path, stored, objects));
  return { status, body: stored };
}

/** Of the subresource only the status is taken. */
function writeStatus({ path, body }: KubeRequest, objects: KubeObjects): Answer | undefined {
  const own = path.replace(/\/status$/, '');
  const live = objects.get(own);
  if (!live) return undefined;
  const status = { ...(live.status as object), ...(body as { readonly status?: object }).status };
  return { status: 200, body: objects.put(own, { ...live, status }) };
}

/** A service has its address by the time it is answered. */
function withAddress(path: string, object: KubeObject, objects: KubeObjects): KubeObject {
  const spec = object.spec as { readonly clusterIP?: string } | undefined;
  if (object.kind !== 'Service' || spec?.clusterIP) return object;
  return objects.put(path, { ...object, spec: { ...spec, clusterIP: '10.96.7.8' } });
}

function watch({ path, query }: KubeRequest, response: ServerResponse, objects: KubeObjects): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const stop = objects.watch(Number(query.resourceVersion ?? 0), ({ type, collection, object }) => {
    if (collection === path && selects(query, object))
      response.write(`${JSON.stringify({ type, object })}\n`);
  });
  response.on('close', stop);
}

/** `…/PLURAL`, within a namespace or not; everything else names one object. */
function isCollection(path: string): boolean {
  const inside = path.replace(/^\/(?:api|apis\/[^/]+)\/[^/]+\//, '').split('/');
  return inside.length === 1 || (inside.length === 3 && inside[0] === 'namespaces');
}

function isConflict(applied: KubeObject | ApplyConflict): applied is ApplyConflict {
  return 'fields' in applied && 'manager' in applied;
}

function isWatch({ query }: KubeRequest): boolean {
  return query.watch === 'true' || query.watch === '1';
}

function selects({ labelSelector, fieldSelector }: KubeRequest['query'], { metadata }: KubeObject): boolean {
  const pairs = (text: string | undefined) =>
    (text ?? '').split(',').flatMap((pair) => (pair === '' ? [] : [pair.split(/==?/) as [string, string]]));
  return (
    pairs(labelSelector).every(([key, value]) => metadata.labels?.[key] === value) &&
    pairs(fieldSelector).every(([key, value]) => key !== 'metadata.name' || metadata.name === value)
  );
}

async function readRequest(incoming: IncomingMessage): Promise<KubeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://server');
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: Object.fromEntries(searchParams),
    body: text === '' ? undefined : load(text),
  };
}

function discovery(path: string, resources: readonly KubeResource[]): unknown {
  const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');
  if (path === '/version') return { major: '1', minor: '34', gitVersion: 'v1.34.0' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') {
    const entries = groups.map((name) => {
      const versions = resources
        .filter(({ group }) => group === name)
        .map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
      return { name, versions, preferredVersion: versions[0] };
    });
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: entries };
  }
  const groupVersion = /^\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path);
  if (!groupVersion) return undefined;
  const [, group = '', version] = groupVersion;
  const own = resources.filter((resource) => resource.group === group && resource.version === version);
  if (own.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: own.map(({ plural, kind, namespaced }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      kind,
      namespaced,
      verbs: ['get', 'list', 'patch', 'watch', 'delete'],
    })),
  };
}

/** Channel 0 carries bytes, channel 1 errors; each begins with the port in two bytes. */
function forward(peer: WebSocket, port: number, target: number): void {
  const socket = connect(target, '127.0.0.1');
  const announce = (channel: number) => peer.send(Buffer.from([channel, port & 0xff, port >> 8]));
  announce(0);
  announce(1);
  socket.on('data', (chunk) => peer.send(Buffer.concat([Buffer.from([0]), chunk])));
  socket.on('close', () => peer.close());
  socket.on('error', () => peer.close());
  peer.on('message', (data: Buffer) => data[0] === 0 && socket.write(data.subarray(1)));
  peer.on('close', () => socket.destroy());
}

function problem(code: number, message: string, reason = 'Unauthorized') {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code };
}

function kubeconfigText({
  url,
  token,
  authority,
}: {
  readonly url: string;
  readonly token: string;
  readonly authority: PrivateAuthority;
}): string {
  const ca = Buffer.from(authority.ca).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'kind-test',
    clusters: [{ name: 'kind-test', cluster: { server: url, 'certificate-authority-data': ca } }],
    users: [{ name: 'kind-test', user: { token } }],
    contexts: [{ name: 'kind-test', context: { cluster: 'kind-test', user: 'kind-test' } }],
  });
}
