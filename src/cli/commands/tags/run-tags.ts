import { BundlesError } from '../../../errors.js';
import { referenceName } from '../../../oci/reference.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import type { CommonOptions } from '../../options/common-options.js';
import { parseRegistryReference } from '../../options/registry-reference.js';
import type { Session } from '../../session.js';

export interface TagsOptions extends CommonOptions, NetworkOptions {
  readonly fullRef?: boolean;
  readonly omitDigestTags?: boolean;
}

/** `sha256-<hex>`, as cosign and the referrers of old registries have it, and `TAG-<12 hex>`, what a moved tag leaves. */
const digestTag = /^sha256-[0-9a-f]{64}(?:\.\w+)?$|-[0-9a-f]{12}$/;

/** Lists the tags of one repository. */
export async function runTags(
  { context }: Session,
  { repository: text, options }: { readonly repository: string; readonly options: TagsOptions },
): Promise<void> {
  const reference = parseRegistryReference(text);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw new BundlesError(
      'REFERENCE_INVALID',
      `Cannot list the tags of ${JSON.stringify(text)}: found a tag or a digest, wanted a repository alone`,
      { hint: `Write ${referenceName(reference)}` },
    );
  }
  const { registry } = reference;
  const connection = await openConnection(context, { options, patience: 'full', registries: [registry] });
  try {
    const all = await connection.registry.repository(reference).tags({ signal: context.signal });
    const name = referenceName(reference);
    if (all.length === 0) {
      throw new BundlesError('NOT_FOUND', `Cannot list the tags of ${JSON.stringify(name)}: it has none`, {
        hint: 'Check the name: a repository that does not exist has no tags either',
        details: { repository: name },
      });
    }
    const tags = options.omitDigestTags ? all.filter((tag) => !digestTag.test(tag)) : all;
    if (options.output === 'json') context.stdout.json({ version: 1, repository: name, tags, error: null });
    else context.stdout.lines(tags.map((tag) => (options.fullRef ? `${name}:${tag}` : tag)));
  } finally {
    await connection.close();
  }
}
