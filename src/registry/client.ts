import { systemClock } from '../async/system-clock.js';
import { BundlesError } from '../errors.js';
import { mediaTypeOf } from '../http/message.js';
import type { Answer } from '../http/send/call.js';
import { shorten } from '../http/shorten.js';
import { apiHost, canonicalRegistry, isRegistryHost } from '../oci/registry-host.js';
import { isRepository } from '../oci/repository-name.js';
import { answerError } from './connection/answer-error.js';
import { type Access, type RegistryConnection, sendRequest } from './connection/connection.js';
import { createPipelines, type RegistryClientOptions, type RegistryReport } from './connection/pipelines.js';
import { mirroredName, readThroughMirrors } from './mirrors.js';
import { RegistryError } from './registry-error.js';
import { createRepository, type RegistryRepository } from './repository.js';

/** Options of one repository of a client. */
export interface RepositoryOptions {
  /** Called for each request that this repository causes, token requests included. */
  readonly onRequest?: () => void;
}

/** All registries of one run: what is learned of a host, its limits and its tokens are shared. */
export interface RegistryClient {
  /** Sends no request yet. @throws REFERENCE_INVALID */
  repository(
    name: { readonly registry: string; readonly repository: string },
    options?: RepositoryOptions,
  ): RegistryRepository;
  /** Names repositories that will be read: the tokens for those of one registry are requested together. Sends no request. */
  announce(names: Iterable<{ readonly registry: string; readonly repository: string }>): void;
  /**
   * Checks the credential with the registry; true when it requested one. Reads nothing and needs no right.
   *
   * @throws RegistryError REGISTRY_DENIED with reason `bad-credential`; REFERENCE_INVALID
   */
  authenticate(registry: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>;
  report(): RegistryReport;
  /** Every credential and token that was used so far, for those who hide them in what they print. */
  secrets(): readonly string[];
}

/**
 * Creates a client of registries: authenticated by the keychain, patient with failures that pass, and safe with redirects. Each of its
 * repositories is a content store, so `readBundle`, `copyImage` and others take it.
 *
 * `plainHttp` lists hosts without TLS; loopback hosts are detected. `timeoutMs` defaults to 40,000 for each host.
 *
 * @throws REFERENCE_INVALID for an invalid name; the calls of a repository throw RegistryError
 * @example
 * ```ts
 * import { createNodeTransport, createRegistryClient } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using server = await startRegistry();
 * const send = createNodeTransport();
 * const client = createRegistryClient({ send });
 * const repository = client.repository({ registry: server.host, repository: 'acme/hello' });
 * console.log(await repository.peek('v1')); // undefined
 * console.log(client.report().requests); // 2
 * await send.close();
 * ```
 */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { clock = systemClock, random = Math.random, log, mirrors } = options;
  const { hostOf, willAsk, redact, secrets, report, onRetry } = createPipelines({
    ...options,
    clock,
    random,
  });
  const onWarning = createWarnings(log, redact);

  const connect = ({ target, onSent, onAccess }: Connecting): RegistryConnection => {
    const { registry, repository, mirror = false } = target;
    const { host, send, introduce } = hostOf(apiHost(canonicalRegistry(registry)), mirror);
    return {
      ...{ registry, repository, host, clock, random, send, redact, onSent, onAccess },
      actions: 'pull',
      learned: { readable: false },
      introduce: (signal) => introduce({ registry, repository }, { onSent, signal }),
      onRetry,
      onAnswer: (answer) => onWarning(host.name, answer),
    };
  };

  return {
    report,
    secrets,
    announce(names) {
      for (const { registry, repository } of names) willAsk(registry, repository);
    },
    async authenticate(registry, { signal } = {}) {
      requireName(registry, 'any');
      let access = unknownAccess;
      const onAccess = (noted: Access) => {
        access = noted;
      };
      const target = { registry, repository: '' };
      await authenticate(connect({ target, onSent: () => undefined, onAccess }), signal);
      return access.challenged;
    },
    repository(name, { onRequest } = {}) {
      requireName(name.registry, name.repository);
      willAsk(name.registry, name.repository);
      let requests = 0;
      let access = unknownAccess;
      const onSent = () => {
        requests++;
        onRequest?.();
      };
      const onAccess = (noted: Access) => {
        access = noted;
      };
      const open = (connection: RegistryConnection): RegistryRepository =>
        createRepository({
          connection,
          access: () => access,
          requests: () => requests,
          forPush: () => open({ ...connection, actions: 'pull,push' }),
        });
      const origin = open(connect({ target: name, onSent, onAccess }));
      const copies = mirrors?.get(canonicalRegistry(name.registry)) ?? [];
      if (copies.length === 0) return origin;
      const opened = copies.map((mirror) => {
        const copy = mirroredName(mirror, name.repository);
        requireName(copy.registry, copy.repository);
        const target = { ...copy, mirror: true };
        return open(connect({ target, onSent, onAccess: () => undefined }));
      });
      return readThroughMirrors(origin, opened, { log });
    },
  };
}

interface Connecting extends Pick<RegistryConnection, 'onSent' | 'onAccess'> {
  readonly target: {
    readonly registry: string;
    readonly repository: string;
    readonly mirror?: boolean;
  };
}

const unknownAccess: Access = { challenged: false, credential: undefined };

/**
 * Asks a registry's `/v2/` and answers its challenge, for no repository and without any right: a credential that is
 * refused is found out, and nothing is read or made.
 *
 * @throws RegistryError
 */
async function authenticate(connection: RegistryConnection, signal: AbortSignal | undefined): Promise<void> {
  const doing = `Cannot log in to ${JSON.stringify(connection.registry)}`;
  const answer = await sendRequest(connection, { method: 'GET', to: '', doing, signal });
  const { method, status, headers, url, fromOrigin } = answer;
  if (status !== 200) throw answerError(connection, answer, { doing });
  // Quay's answer is HTML by its type, and a registry's by its header.
  const named = headers['docker-distribution-api-version'] !== undefined;
  if (fromOrigin && (named || mediaTypeOf(headers) !== 'text/html')) return;
  throw new RegistryError(
    'REGISTRY_UNREACHABLE',
    `${doing}: ${JSON.stringify(url.host)} answered a page, wanted a registry`,
    { reason: 'not-a-registry', method, status },
  );
}

/** `Warning: 299 - "text"` headers, once per text. */
function createWarnings(
  log: ((line: string) => void) | undefined,
  redact: (text: string) => string,
): (name: string, answer: Answer) => void {
  const logged = new Set<string>();
  return (name, { headers }) => {
    for (const text of warningsIn(headers.warning ?? '')) {
      if (!log || logged.has(text) || logged.size >= 20) return;
      logged.add(text);
      log(`${name} warns: ${shorten(redact(text))}`);
    }
  };
}

/** The texts of all values of the field: code, agent, text in quotes with escapes, and perhaps a date in quotes. */
function warningsIn(field: string): string[] {
  const value = /(?:^|,)\s*299\s+[^\s",]+\s+"((?:[^"\\]|\\.)*)"(?:\s+"[^"]*")?/g;
  return [...field.slice(0, 4096).matchAll(value)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}

/** Addresses are built from names that were parsed, never from raw text. */
function requireName(registry: string, repository: string): void {
  if (isRegistryHost(registry) && isRepository(repository)) return;
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot use the repository ${JSON.stringify(`${registry}/${repository}`.slice(0, 200))}: it is not the name of a repository`,
    { hint: 'Write it as HOST/PATH in lower case' },
  );
}
