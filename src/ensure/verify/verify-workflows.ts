import type { CatalogEntry } from '../../catalog/catalog-target.js';
import type { CallOptions } from '../../content/store.js';
import { isBundlesError, toBundlesError } from '../../errors.js';
import { createImageResolver } from '../../images/image-resolver.js';
import { parseReference } from '../../oci/reference.js';
import type { WorkflowSpec } from '../../project/config/parse-workflows.js';
import type { Lock, LockedWorkflow } from '../../project/lock/lock.js';
import type { Run } from '../run.js';
import { planWorkflows, type ServedBundle, type WorkflowReport } from '../workflows/plan-workflows.js';
import { deviates, isOk, type LinkFinding, type VerifiedBundle, type VerifiedLink } from './verify-result.js';

export interface VerifyWorkflowsRequest {
  readonly specs: readonly WorkflowSpec[];
  readonly lock: Lock;
  /** By name, as the lock pins them; a bundle whose chain could not be followed is not there. */
  readonly bundles: ReadonlyMap<string, ServedBundle>;
}

/**
 * Follows the chain of each workflow that is declared by itself: lock → registry → document → catalog. Writes nothing.
 */
export async function verifyWorkflows(
  run: Run,
  { specs, lock, bundles }: VerifyWorkflowsRequest,
  options: CallOptions,
): Promise<readonly VerifiedBundle[]> {
  // What the lock does not pin is drift: nothing is pinned here.
  const offline: Run = { ...run, mode: 'check', frozen: false, images: createImageResolver(undefined) };
  const planned = await planWorkflows(offline, { specs, lock, bundles }, options);
  return Promise.all(
    planned.map((report, index) =>
      verifyWorkflow(
        run,
        report,
        { spec: specs[index], locked: lock.workflows.get(report.result.name) },
        options,
      ),
    ),
  );
}

async function verifyWorkflow(
  run: Run,
  { result, catalog }: WorkflowReport,
  { spec, locked }: { readonly spec: WorkflowSpec | undefined; readonly locked: LockedWorkflow | undefined },
  options: CallOptions,
): Promise<VerifiedBundle> {
  const { name, error, outcome } = result;
  let requests = 0;
  const known = {
    name,
    reference: result.reference ?? locked?.reference ?? '',
    digest: locked?.digest ?? null,
  };
  if (!locked) {
    const missing: VerifiedLink = { link: 'lock', ...deviates('drift', 'missing') };
    return { ...known, state: 'drift', links: [missing], requests, error: null };
  }
  if (error && error.code === 'IMAGE_NOT_PINNED') {
    const changed: VerifiedLink = {
      link: 'lock',
      ...deviates('drift', 'reference', { found: locked.reference }),
    };
    return { ...known, state: 'drift', links: [changed], requests, error: null };
  }
  if (error || outcome === 'skipped') {
    return { ...known, state: outcome === 'skipped' ? 'unknown' : 'failed', links: [], requests, error };
  }
  const links: VerifiedLink[] = [{ link: 'lock', ...lockLink(result, locked) }];
  const attempt = async (link: VerifiedLink['link'], check: () => Promise<LinkFinding | undefined>) => {
    const finding = await check().catch((thrown: unknown) => {
      options.signal?.throwIfAborted();
      const { code, message } = toBundlesError(thrown);
      if (code === 'UNEXPECTED') throw thrown;
      const reason = code === 'REGISTRY_DENIED' ? 'denied' : 'unreachable';
      return deviates('unknown', reason, { differences: [message] });
    });
    if (finding) links.push({ link, ...finding });
  };
  if (spec && 'reference' in spec.source)
    await attempt('registry', () => registryLink(run, locked, () => void requests++, options));
  await attempt('schema', async () => schemaLink(result, locked));
  if (catalog) await attempt('catalog', () => catalogLink(run, catalog, options));
  const state = links.some((link) => link.state === 'drift')
    ? 'drift'
    : links.some((link) => link.state === 'unknown')
      ? 'unknown'
      : 'ok';
  return { ...known, state, links, requests, error: null };
}

/** The lock pins what the bundle is, or what the project declares. */
function lockLink(
  { reference, digest, workflow }: WorkflowReport['result'],
  locked: LockedWorkflow,
): LinkFinding {
  if (reference !== locked.reference)
    return deviates('drift', 'reference', { expected: reference, found: locked.reference });
  if (digest !== locked.digest)
    return deviates('drift', 'changed', { expected: digest, found: locked.digest });
  if (workflow && workflow.version !== locked.version)
    return deviates('drift', 'version', { expected: workflow.version, found: locked.version });
  return isOk(digest);
}

/** What is pinned can still be pulled. */
async function registryLink(
  { registries }: Run,
  { reference, digest }: LockedWorkflow,
  onRequest: () => void,
  options: CallOptions,
): Promise<LinkFinding> {
  if (!registries) return deviates('skipped', 'offline');
  try {
    await registries.registry.repository(parseReference(reference), { onRequest }).resolve(digest, options);
    return isOk(digest);
  } catch (error) {
    if (!isBundlesError(error, 'NOT_FOUND')) throw error;
    return deviates('drift', 'absent', { expected: digest, differences: [error.message] });
  }
}

/** The document names the pin, and is the one in the lock. */
function schemaLink(
  { schema, changes }: WorkflowReport['result'],
  locked: LockedWorkflow,
): LinkFinding | undefined {
  if (!schema && !locked.schema) return undefined;
  const sides = { expected: locked.schema?.contentHash ?? null, found: schema?.contentHash ?? null };
  if (changes.includes('schema'))
    return deviates('drift', 'file', { ...sides, differences: [`${schema?.path} has other content`] });
  const same = sides.expected === sides.found && schema?.path === locked.schema?.path;
  return same ? isOk(sides.expected) : deviates('drift', 'lock', sides);
}

/** The catalog holds exactly this document for the workflow's version. */
async function catalogLink(
  { catalog, registries }: Run,
  entry: CatalogEntry,
  options: CallOptions,
): Promise<LinkFinding> {
  if (!catalog || !registries) return deviates('skipped', 'offline');
  const state = await catalog.look(entry, options);
  if (state.is === 'same') return { ...isOk(entry.contentHash), differences: state.warnings };
  const differences =
    state.is === 'different' ? [state.error.message] : [`${catalog.place} has no such entry`];
  return deviates('drift', state.is, { expected: entry.contentHash, differences });
}
