import type { Descriptor } from '../oci/descriptor.js';
import { RegistryError } from './registry-error.js';

const refusingStatuses: ReadonlySet<number> = new Set([400, 403, 405, 409, 412]);
const refusingCodes: ReadonlySet<string> = new Set([
  'TAG_INVALID',
  'TAG_ALREADY_EXISTS',
  'PRECONDITION',
  'DENIED',
]);

/** Each registry has its own words for a tag that stays what it is. */
export function refusesOverwrite({ status = 0, diagnostics }: RegistryError): boolean {
  if (!refusingStatuses.has(status)) return false;
  if (status === 412) return true;
  return diagnostics.some(
    ({ code, message }) =>
      code === 'TAG_IMMUTABLE' ||
      (refusingCodes.has(code) && /immutable|overwrit|already exists/i.test(message)),
  );
}

/** The error of a tag that the registry keeps as it is. */
export function immutable(
  { registry, repository }: { readonly registry: string; readonly repository: string },
  { tag, current, error }: { tag: string; current: Descriptor | undefined; error: RegistryError },
): RegistryError {
  const { method, url, status, diagnostics } = error;
  return new RegistryError(
    'TAG_IMMUTABLE',
    `Cannot push "${registry}/${repository}:${tag}": the tag is immutable and holds ${current?.digest ?? 'nothing that can be read'}`,
    {
      reason: 'tag-immutable',
      method,
      url,
      status,
      diagnostics,
      details: { found: current?.digest ?? null },
      cause: error,
    },
  );
}
