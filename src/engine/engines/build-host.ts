import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileCapped } from '../../fs/read-file-capped.js';
import type { WorkingContainer } from '../engine.js';
import { objectOf, textsOf } from '../engine-json.js';
import { parseEngineJson } from '../run-engine.js';

/**
 * A name in the /etc/hosts of everything that a build runs, which identifies its processes and containers: it names the
 * claim to a slot, and the directory in which the projects of this machine record the images that they need.
 */
export function buildHostName(ticket: string, scope: string): string {
  return `bundles-build-${ticket}-${scope}`;
}

export function parseBuildHostName(
  name: string,
): { readonly ticket: string; readonly scope: string } | undefined {
  const [, ticket, scope] = /^bundles-build-([0-9a-z]{21})-([0-9a-f]{12})$/.exec(name) ?? [];
  return ticket === undefined || scope === undefined ? undefined : { ticket, scope };
}

/** Names those who share a place for notes, without naming the place: images that are pushed carry it. */
export async function scopeOf(uses: string): Promise<string> {
  return createHash('sha256')
    .update(await realpath(uses))
    .digest('hex')
    .slice(0, 12);
}

export interface OwnContainer extends WorkingContainer {
  readonly ticket: string;
}

const longest = 4 * 1024 * 1024;

/** Those of the containers that a build made which belongs to a scope, by what buildah keeps of each. */
export async function ownContainers(
  containers: readonly WorkingContainer[],
  { directory, scope }: { readonly directory: string; readonly scope: string },
): Promise<readonly OwnContainer[]> {
  const found: OwnContainer[] = [];
  for (const container of containers) {
    if (!/^[0-9a-f]{64}$/.test(container.id)) continue;
    const file = join(directory, container.id, 'userdata', 'buildah.json');
    const bytes = await readFileCapped(file, {
      limit: longest,
      missing: 'NOT_FOUND',
      linksWithin: directory,
    }).catch(() => undefined);
    const builder = objectOf(parseEngineJson(bytes && new TextDecoder().decode(bytes)));
    for (const line of textsOf(objectOf(builder.CommonBuildOpts).AddHost)) {
      const host = parseBuildHostName(line.split(':')[0] ?? '');
      if (host?.scope === scope) found.push({ ...container, ticket: host.ticket });
    }
  }
  return found;
}
