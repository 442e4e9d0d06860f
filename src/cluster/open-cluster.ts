import { dirname } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { createDeadline } from '../async/deadline.js';
import { systemClock } from '../async/system-clock.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { toNetworkError } from '../http/network-error.js';
import { shorten } from '../http/shorten.js';
import { inCluster, loadServiceAccount, type ServiceAccount } from './service-account.js';

/** Which cluster is opened. */
export interface OpenClusterOptions {
  /** Kubeconfig files, merged as kubectl merges those of KUBECONFIG; files that are missing are passed over. */
  readonly files: readonly string[];
  /** Default: the current context of the files. */
  readonly context?: string | undefined;
  /** Of `serviceAccountOf`: used where none of the files is there. Its context is called `in-cluster`. */
  readonly serviceAccount?: ServiceAccount | undefined;
  /** For each request. Default 30 s. */
  readonly timeoutMs?: number;
}

/** A cluster by a context of a kubeconfig, or the one that this runs in. */
export interface Cluster {
  readonly context: string;
  /** Address of its API server. */
  readonly server: string;
  /** Of the context; `default` where it names none. */
  readonly namespace: string;
  /** @internal For the clients of the official library. */
  readonly config: KubeConfig;
  /**
   * Runs one request to the API within its time; undefined where the API answers 404.
   * @throws CLUSTER_UNREACHABLE, CLUSTER_REFUSED
   */
  ask<T>(doing: string, request: () => Promise<T>, options?: CallOptions): Promise<T | undefined>;
}

/**
 * Reads a kubeconfig, or the service account of a pod. The cluster is not contacted yet. Each request may take 30 s (`timeoutMs`).
 *
 * @throws CLUSTER_CONFIG_INVALID; PACKAGE_MISSING without `@kubernetes/client-node`
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { openCluster } from 'tekton-bundles/cluster';
 *
 * const kubeconfig = {
 *   apiVersion: 'v1',
 *   kind: 'Config',
 *   'current-context': 'test',
 *   clusters: [{ name: 'test', cluster: { server: 'https://127.0.0.1:6443' } }],
 *   users: [{ name: 'me', user: {} }],
 *   contexts: [{ name: 'test', context: { cluster: 'test', user: 'me', namespace: 'ci' } }],
 * };
 * await writeFile('kubeconfig', JSON.stringify(kubeconfig));
 * const { context, server, namespace } = await openCluster({ files: ['kubeconfig'] });
 * console.log(context, server, namespace); // test https://127.0.0.1:6443 ci
 * ```
 */
export async function openCluster({
  files,
  context,
  serviceAccount,
  timeoutMs = 30_000,
}: OpenClusterOptions): Promise<Cluster> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const read: string[] = [];
  for (const file of files) if (await loadFile(config, file, KubeConfig)) read.push(file);
  if (read.length === 0 && serviceAccount) await loadServiceAccount(config, serviceAccount);
  else if (read.length === 0) {
    throw new BundlesError('CLUSTER_CONFIG_INVALID', `Cannot find a kubeconfig: looked for ${list(files)}`, {
      hint: 'Name one in KUBECONFIG',
      details: { files },
    });
  }
  if (context !== undefined) config.setCurrentContext(context);
  const name = config.getCurrentContext();
  const server = config.getCurrentCluster()?.server;
  if (config.getContextObject(name) === null || server === undefined) {
    const known = config.getContexts().map((one) => one.name);
    const place = read.length === 0 ? 'the service account of this pod' : list(files);
    throw new BundlesError(
      'CLUSTER_CONFIG_INVALID',
      `Cannot use the context ${JSON.stringify(name)}: ${place} ${known.length === 0 ? 'has none' : `has ${known.join(', ')}`}`,
      { hint: 'kubectl config get-contexts lists them', details: { context: name, known } },
    );
  }
  const namespace = config.getContextObject(name)?.namespace ?? 'default';
  return {
    context: name,
    server,
    namespace,
    config,
    async ask(doing, request, { signal } = {}) {
      const deadline = createDeadline(systemClock, signal);
      try {
        return await deadline.within(timeoutMs, request());
      } catch (error) {
        signal?.throwIfAborted();
        return judge(error, { doing, context: name, server });
      } finally {
        deadline.close();
      }
    },
  };
}

const longestFile = 4 * 1024 * 1024;

/** False where the file is missing. */
async function loadFile(config: KubeConfig, file: string, Config: typeof KubeConfig): Promise<boolean> {
  let text: string;
  try {
    const bytes = await readFileCapped(file, { limit: longestFile, missing: 'NOT_FOUND' });
    text = new TextDecoder().decode(bytes);
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return false;
    throw error;
  }
  try {
    const one = new Config();
    one.loadFromString(text);
    one.makePathsAbsolute(dirname(file));
    addMissing(config, one);
    return true;
  } catch (cause) {
    // The parser's own text quotes the file, which holds secrets.
    throw new BundlesError(
      'CLUSTER_CONFIG_INVALID',
      `Cannot read the kubeconfig ${JSON.stringify(file)}: it is not a kubeconfig`,
      { hint: 'kubectl config view reads it the same way', details: { path: file }, cause },
    );
  }
}

/** What is there already stays, as kubectl has it: the first file to name a thing wins. */
function addMissing(config: KubeConfig, one: KubeConfig): void {
  for (const cluster of one.getClusters()) if (!config.getCluster(cluster.name)) config.addCluster(cluster);
  for (const user of one.getUsers()) if (!config.getUser(user.name)) config.addUser(user);
  for (const context of one.getContexts())
    if (!config.getContextObject(context.name)) config.addContext(context);
  if (!config.getCurrentContext()) config.setCurrentContext(one.getCurrentContext());
}

interface Asked {
  readonly doing: string;
  readonly context: string;
  readonly server: string;
}

function judge(error: unknown, { doing, context, server }: Asked): undefined {
  const status = statusOf(error);
  if (status === 404) return undefined;
  const where = `the cluster of the context ${JSON.stringify(context)}`;
  if (status !== undefined && status < 500) {
    throw new BundlesError(
      'CLUSTER_REFUSED',
      `Cannot ${doing}: ${where} answers ${status}${suffixOf(error)}`,
      {
        hint: refusalHint(status, context),
        details: { context, status },
        cause: error,
      },
    );
  }
  const network = toNetworkError(error, { method: 'GET', url: server });
  const words = network.reason === 'protocol' ? shorten(messageOf(error)) : network.text;
  const why = status === undefined ? words : `it answers ${status}${suffixOf(error)}`;
  throw new BundlesError('CLUSTER_UNREACHABLE', `Cannot ${doing}: no answer from ${where}: ${why}`, {
    hint: `Check that it is running: kubectl ${context === inCluster ? '' : `--context ${context} `}version`,
    details: { context, server, ...(status === undefined ? { reason: network.reason } : { status }) },
    cause: error,
  });
}

function refusalHint(status: number, context: string): string {
  const inPod = context === inCluster;
  if (status !== 401)
    return inPod
      ? 'Give the service account of this pod the right, by a role'
      : 'Request the right, or use a context that has it';
  return inPod
    ? 'Check that the token of this pod belongs to a service account that still exists'
    : 'Log in to the cluster again, as you do for kubectl';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('body' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/** The API's own message. */
function suffixOf(error: unknown): string {
  const { body } = error as { readonly body?: unknown };
  let status = body;
  try {
    if (typeof body === 'string') status = JSON.parse(body);
  } catch {
    return '';
  }
  const message =
    typeof status === 'object' && status !== null && 'message' in status ? status.message : undefined;
  return typeof message === 'string' && message !== '' ? `: ${shorten(message)}` : '';
}

function list(files: readonly string[]): string {
  return files.map((file) => JSON.stringify(file)).join(', ') || 'no file';
}
