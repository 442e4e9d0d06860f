import { systemClock } from '../../async/system-clock.js';
import { backoffMs } from '../../http/send/retry.js';
import { shorten } from '../../http/shorten.js';
import { CatalogError, isCatalogError } from '../catalog-error.js';
import type { CatalogHostOptions } from '../catalog-host.js';
import type {
  CatalogCallOptions,
  CatalogEntry,
  CatalogTarget,
  EntryState,
  Registration,
} from '../catalog-target.js';
import type { Workflow } from './data-storage-api.js';
import type { DataStorageClient } from './data-storage-client.js';
import { type PayloadOptions, registrationPayload } from './registration-payload.js';

/** How workflows are registered with DataStorage. */
export interface DataStorageTargetOptions
  extends PayloadOptions,
    Pick<CatalogHostOptions, 'clock' | 'random'> {
  readonly client: DataStorageClient;
  /** True for the embedded catalog. Default false. */
  readonly takesFallbacks?: boolean;
  /** A version that was registered for another reference than the entry's is a conflict. Default false. */
  readonly sameImage?: boolean;
}

/** How often a registration is sent whose reply was lost and which did not arrive. */
const mostAttempts = 4;

/**
 * The target that registers flat workflow schemas with DataStorage, for `registerWorkflow`.
 *
 * @example
 * ```ts
 * import { createDataStorageClient, dataStorageTarget } from 'tekton-bundles/catalog';
 * import { createNodeTransport } from 'tekton-bundles/registry';
 *
 * const client = createDataStorageClient({ send: createNodeTransport(), url: 'http://127.0.0.1:8081' });
 * const target = dataStorageTarget({ client });
 * console.log(target.format, target.place); // workflow-schema http://127.0.0.1:8081
 * ```
 */
export function dataStorageTarget(options: DataStorageTargetOptions): CatalogTarget {
  const { client, takesFallbacks = false, sameImage = false, versionPrefix = '' } = options;
  const look = async (entry: CatalogEntry, call: CatalogCallOptions = {}): Promise<EntryState> => {
    const version = versionPrefix + entry.version;
    const held = (await client.versionsOf(entry.name, call)).find((one) => one.version === version);
    return held === undefined
      ? { is: 'absent' }
      : stateOf(entry, { held, version, url: client.url, sameImage });
  };
  return {
    place: client.url,
    format: 'workflow-schema',
    versionPrefix,
    remote: true,
    takesFallbacks,
    look,
    register: (entry, call = {}) => register(entry, { ...options, look }, call),
  };
}

type Look = (entry: CatalogEntry, call: CatalogCallOptions) => Promise<EntryState>;

async function register(
  entry: CatalogEntry,
  {
    client,
    clock = systemClock,
    random = Math.random,
    look,
    ...payload
  }: DataStorageTargetOptions & { readonly look: Look },
  call: CatalogCallOptions,
): Promise<Registration> {
  const body = registrationPayload(entry, payload);
  // The failure of a request that may have arrived: a duplicate is then most likely our own entry.
  let lost: CatalogError | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      const created = await client.createWorkflow(body, call);
      if (created) return { action: 'created', workflowId: created.workflow_id, warnings: [] };
    } catch (error) {
      call.signal?.throwIfAborted();
      if (!isCatalogError(error, 'CATALOG_UNREACHABLE')) throw error;
      if (!error.mayHaveHappened) throw lost ?? error;
      lost = error;
    }
    const state = await look(entry, call).catch((error: unknown) => {
      call.signal?.throwIfAborted();
      throw lost ?? error;
    });
    if (state.is === 'different') throw state.error;
    if (state.is === 'same') {
      const { workflowId, warnings } = state;
      return { action: lost ? 'created' : 'unchanged', workflowId, warnings };
    }
    // An overloaded service may still carry out the lost request: only the next response shows it.
    if (attempt === mostAttempts) throw lost ?? contradiction(entry, body.version, client.url);
    await clock.sleep(backoffMs(attempt, { rateLimited: false, random }), call.signal);
  }
}

interface Held {
  readonly held: Workflow;
  /** As the catalog has it. */
  readonly version: string;
  readonly url: string;
  readonly sameImage: boolean;
}

function stateOf(entry: CatalogEntry, { held, version, url, sameImage }: Held): EntryState {
  const doing = `Cannot register ${JSON.stringify(entry.name)} ${version}`;
  const subject = { method: 'GET', url } as const;
  const details = { workflow: entry.name, version };
  if (held.content_hash === entry.contentHash) {
    const image = shorten(held.container_image ?? 'nothing', { max: 300 });
    if (sameImage && held.container_image !== entry.image) {
      const message = `${doing}: ${JSON.stringify(url)} has this version for ${JSON.stringify(image)}, and ${JSON.stringify(entry.image)} is what is served now`;
      const both = { ...details, found: image, wanted: entry.image };
      const error = new CatalogError('CATALOG_CONFLICT', message, {
        ...subject,
        reason: 'other-reference',
        details: both,
      });
      return { is: 'different', error };
    }
    const warnings: string[] = [];
    if (held.status !== 'active')
      warnings.push(
        `the catalog has it with the status ${shorten(held.status, { max: 40 })}: no search finds it`,
      );
    if (held.container_digest !== entry.digest)
      warnings.push('the catalog has it with another bundle digest than its schema names');
    return { is: 'same', workflowId: held.workflow_id, warnings };
  }
  const error = new CatalogError(
    'CATALOG_CONFLICT',
    `${doing}: ${JSON.stringify(url)} has this version with other content, ${shorten(held.content_hash, { max: 64 })}, wanted ${entry.contentHash}`,
    {
      ...subject,
      reason: 'other-content',
      details: { ...details, found: held.content_hash, wanted: entry.contentHash },
    },
  );
  return { is: 'different', error };
}

function contradiction({ name }: CatalogEntry, version: string, url: string): CatalogError {
  const message = `Cannot register ${JSON.stringify(name)} ${version}: ${JSON.stringify(url)} reports that it has this version, but does not return it`;
  return new CatalogError('CATALOG_UNREACHABLE', message, { reason: 'not-a-catalog', method: 'POST', url });
}
