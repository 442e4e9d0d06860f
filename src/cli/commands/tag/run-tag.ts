import { BundlesError } from '../../../errors.js';
import { formatReference, type Reference } from '../../../oci/reference.js';
import { isTag } from '../../../oci/repository-name.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { copyBundle } from '../../../release/copy-bundle.js';
import type { CommonOptions } from '../../options/common-options.js';
import { parseRegistryReference } from '../../options/registry-reference.js';
import type { Session } from '../../session.js';

export interface TagOptions extends CommonOptions, NetworkOptions {
  readonly force?: boolean;
  /** False for --no-keep-old. */
  readonly keepOld: boolean;
}

/** Puts a tag on what is in the repository already: nothing is sent but its manifest. */
export async function runTag(
  { context }: Session,
  request: { readonly reference: string; readonly tag: string; readonly options: TagOptions },
): Promise<void> {
  const { tag, options } = request;
  const reference = parseRegistryReference(request.reference);
  const wanted = requireTags(reference, request);
  const { registry } = reference;
  const connection = await openConnection(context, { options, patience: 'full', registries: [registry] });
  const signal = AbortSignal.any([context.signal, connection.signal]);
  try {
    let requests = 0;
    const repository = connection.registry.repository(reference, { onRequest: () => void requests++ });
    const { force = false, keepOld } = options;
    const { digest, tags } = await copyBundle(
      { source: repository, target: repository.forPush(), wanted, tags: [tag], force, keepOld, alone: true },
      { signal },
    );
    const [put] = tags;
    if (!put) throw new TypeError('one tag was asked for');
    const { action, previous, anchor } = put;
    const named = formatReference({ ...reference, tag, digest: undefined });
    if (options.output === 'json') {
      const fields = { reference: named, digest, action, previous, anchor, requests };
      return context.stdout.json({ version: 1, ...fields, error: null });
    }
    if (action === 'moved' && !options.quiet) {
      const kept = anchor === null ? 'it has no other tag of ours' : `it is tagged ${anchor} now`;
      context.stderr.line(`${named} was ${previous} before: ${kept}`);
    }
    context.stdout.line(`${named} ${digest}`);
  } finally {
    await connection.close();
  }
}

/** What to resolve. @throws REFERENCE_INVALID */
function requireTags(
  reference: Reference,
  { reference: text, tag }: { readonly reference: string; readonly tag: string },
): string {
  const wanted = reference.digest ?? reference.tag;
  if (wanted === undefined) {
    throw new BundlesError(
      'REFERENCE_INVALID',
      `Cannot tag ${JSON.stringify(text)}: no tag and no digest given`,
      { hint: 'Write registry/repository:tag or registry/repository@digest; latest is never implied' },
    );
  }
  if (isTag(tag)) return wanted;
  throw new BundlesError('REFERENCE_INVALID', `Cannot use the tag ${JSON.stringify(tag)}: it is not a tag`, {
    hint: 'Name the new tag alone: letters, digits, _ . and -, 128 at most; the repository stays the same',
  });
}
