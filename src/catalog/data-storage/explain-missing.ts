import { CatalogError, isCatalogError } from '../catalog-error.js';
import type { CatalogHost } from '../catalog-host.js';
import type { CatalogCallOptions } from '../catalog-target.js';
import { ask, type CatalogRequest } from './ask.js';
import { listOnlyHint } from './generation.js';

/** Passes on what a request for the versions of a name comes to, with a failure that states which service this is. */
export type Explainer = <T>(answer: Promise<T>, options: CatalogCallOptions) => Promise<T>;

/**
 * The service of January 2026 answers for every name. One that does not may still list its workflows, as those between
 * February and July do, or have no catalog at all: its list is requested once.
 */
export function createExplainer(host: CatalogHost): Explainer {
  let hint: Promise<string | undefined> | undefined;
  return (answer, { signal }) =>
    answer.catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      hint ??= listHint(host);
      const found = await hint;
      signal?.throwIfAborted();
      throw found === undefined ? error : ofGeneration(error, { url: host.url, hint: found });
    });
}

function isMissing(error: unknown): error is CatalogError {
  return isCatalogError(error, 'CATALOG_REFUSED') && (error.status === 404 || error.status === 405);
}

/** What the list of workflows gives away; undefined where there is none either. */
async function listHint(host: CatalogHost): Promise<string | undefined> {
  try {
    const { json } = await ask(host, list);
    return typeof json === 'object' && json !== null && 'workflows' in json ? listOnlyHint() : undefined;
  } catch (error) {
    const answered = isCatalogError(error) && error.reason === 'generation' && error.status === 200;
    return answered ? listOnlyHint(error.hint) : undefined;
  }
}

const list: CatalogRequest = {
  method: 'GET',
  path: '/api/v1/workflows',
  query: { limit: 1 },
  doing: 'Cannot list the workflows of the catalog',
  repeat: true,
  expect: [200],
  limit: 4 * 1024 * 1024,
};

function ofGeneration(
  { message, status, cause, details }: CatalogError,
  { url, hint }: { readonly url: string; readonly hint: string },
): CatalogError {
  const subject = { reason: 'generation', method: 'GET', url, hint, status, cause } as const;
  return new CatalogError('CATALOG_REFUSED', message, {
    ...subject,
    details: { ...details, reason: 'generation' },
  });
}
