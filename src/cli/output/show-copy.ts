import type { CopiedBundle, CopiedTag } from '../../release/copy-bundle.js';
import { count, formatByteSize, shortDigest } from './amounts.js';

/** What a copy came to, a line for each thing that a person may want to know. */
export function showCopy(copy: CopiedBundle): string[] {
  const { referrers, signatures, copied, mounted, existing, bytes } = copy;
  const company = [
    ...(referrers > 0 ? [count(referrers, 'referrer')] : []),
    ...(signatures.length > 0 ? [count(signatures.length, 'signature tag')] : []),
  ];
  return [
    ...copy.tags.map(showTag),
    ...(company.length > 0 ? [`with ${company.join(' and ')}`] : []),
    `${copied} sent (${formatByteSize(bytes)}), ${mounted} mounted, ${existing} there already`,
  ];
}

function showTag({ tag, action, previous, anchor }: CopiedTag): string {
  if (action === 'unchanged') return `tag ${tag} was there`;
  if (action === 'put') return `tag ${tag}`;
  return `tag ${tag}, which left ${previous === null ? '' : shortDigest(previous)}${anchor ? `, now tagged ${anchor}` : ''}`;
}
