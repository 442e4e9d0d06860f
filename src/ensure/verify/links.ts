import { createLimiter } from '../../async/limiter.js';
import { lookFor } from '../../catalog/catalog-target.js';
import type { CallOptions } from '../../content/store.js';
import { verifyImage } from '../../content/verify-image.js';
import { isBundlesError } from '../../errors.js';
import { formatReference, parseReference } from '../../oci/reference.js';
import type { LockEntry } from '../../project/lock/lock.js';
import { askVerdict } from '../../publish/verdict.js';
import type { Link, VerifySubject } from './link.js';
import { type Deviation, deviates, isOk, type LinkFinding } from './verify-result.js';

/** The lock is for the bundle as it is declared. */
const lock: Link = {
  name: 'lock',
  check: async ({ spec, entry }) => {
    const expected = formatReference(spec.reference);
    if (entry.reference === expected) return isOk(expected);
    return deviates('drift', 'reference', { expected, found: entry.reference });
  },
};

/** The sources give what the lock states. */
const sources: Link = {
  name: 'sources',
  check: async ({ entry, local, plan }) => {
    const { digest, built } = local;
    if (entry.sources === local.sources && entry.digest === digest) return isOk(digest);
    const differences = [
      ...(entry.sources === local.sources ? [] : ['the source files, annotations, labels or pinned images']),
      ...(sameText(entry.objects, built.objects) ? [] : objectDifferences(entry, built.objects)),
      ...(sameText([...entry.images], [...plan.entry.images]) ? [] : ['the images that are pinned']),
    ];
    // Other bytes of the same objects, such as another compression, whose digest the lock then names.
    if (differences.length === 0) return isOk(entry.digest);
    return deviates('drift', 'changed', { expected: entry.digest, found: digest, differences });
  },
};

/** The tag holds what the lock pins. */
const registry: Link = {
  name: 'registry',
  check: async (subject, options) => {
    const { repository, local, entry, spec } = subject;
    if (!repository) return deviates('skipped', 'offline');
    const ours = { digest: entry.digest, bundle: () => local.bundle() };
    const verdict = await askVerdict(repository, { ours, tag: spec.reference.tag }, options);
    const expected = entry.digest;
    if (verdict.name === 'absent') {
      return deviates('drift', 'absent', { expected, differences: [verdict.error.message] });
    }
    if ('error' in verdict) {
      return deviates('unknown', verdict.name, { expected, differences: [verdict.error.message] });
    }
    if (verdict.digest === expected) return isOk(expected);
    const sides = { expected, found: verdict.digest };
    if (verdict.name === 'different') {
      return deviates('drift', 'different', { ...sides, differences: verdict.differences });
    }
    const differences = verdict.name === 'equivalent' ? verdict.differences : [];
    return sameContent(subject, { ...sides, differences }, options);
  },
};

/** The tag has other bytes of the same content: that holds as long as the pinned digest can still be found. */
async function sameContent(
  { repository, entry, settings }: VerifySubject,
  sides: Required<Deviation>,
  options: CallOptions,
): Promise<LinkFinding> {
  if (settings.frozen) return deviates('drift', 'equivalent', sides);
  try {
    await repository?.resolve(entry.digest, options);
    return { ...isOk(entry.digest), ...sides };
  } catch (error) {
    if (!isBundlesError(error, 'NOT_FOUND')) throw error;
    return deviates('drift', 'digest-absent', sides);
  }
}

/** The moving tags hold it too. */
const moving: Link = {
  name: 'moving',
  check: async ({ run, repository, entry }, options) => {
    const { moving: tags } = run.project;
    if (tags.length === 0) return undefined;
    if (!repository) return deviates('skipped', 'offline');
    const held = await Promise.all(
      tags.map(async (tag) => ({ tag, now: await repository.peek(tag, options) })),
    );
    const away = held.filter(({ now }) => now?.digest !== entry.digest);
    if (away.length === 0) return isOk(entry.digest);
    const differences = away.map(({ tag, now }) => `${tag} holds ${now?.digest ?? 'nothing'}`);
    return deviates('drift', 'moved', {
      expected: entry.digest,
      found: away[0]?.now?.digest ?? null,
      differences,
    });
  },
};

/** The registry has every blob, with the bytes that its digest states. */
const blobs: Link = {
  name: 'blobs',
  check: async ({ settings, repository, entry }, options) => {
    if (!settings.deep) return undefined;
    if (!repository) return deviates('skipped', 'offline');
    try {
      await verifyImage(repository, entry.digest, options);
      return isOk(entry.digest);
    } catch (error) {
      if (!isBundlesError(error) || !damaged.has(error.code)) throw error;
      return deviates('drift', 'damaged', { expected: entry.digest, differences: [error.message] });
    }
  },
};

const damaged: ReadonlySet<string> = new Set(['NOT_FOUND', 'DIGEST_MISMATCH', 'BUNDLE_INVALID']);
const imagesAtOnce = 8;

/** The images that steps run by digest can still be pulled. */
const images: Link = {
  name: 'images',
  check: async (subject, options) => {
    const { settings, run, entry } = subject;
    if (!settings.deep || entry.images.size === 0) return undefined;
    if (!run.registries) return deviates('skipped', 'offline');
    const limiter = createLimiter(imagesAtOnce);
    const found = await Promise.all(
      [...entry.images].map(([name, digest]) =>
        limiter.run(() => isThere(subject, `${name}@${digest}`, options), options.signal),
      ),
    );
    const differences = found.flatMap((missing) => missing ?? []);
    return differences.length === 0 ? isOk() : deviates('drift', 'absent', { differences });
  },
};

/** Undefined where it is there, else a text that states it is not. */
async function isThere(
  { run, countRequest }: VerifySubject,
  image: string,
  options: CallOptions,
): Promise<string | undefined> {
  const reference = parseReference(image);
  const repository = run.registries?.registry.repository(reference, { onRequest: countRequest });
  try {
    await repository?.resolve(reference.digest ?? '', options);
    return undefined;
  } catch (error) {
    if (!isBundlesError(error, 'NOT_FOUND')) throw error;
    return `${image} is not there any more`;
  }
}

/** The schema is what sources and pinned digest give, and is the one in the lock. */
const schema: Link = {
  name: 'schema',
  check: async ({ entry, plan }) => {
    const now = plan.entry.schema;
    if (!now && !entry.schema) return undefined;
    const differences = plan.files.map(({ path }) => `${path} has other content`);
    const same = now?.contentHash === entry.schema?.contentHash && now?.path === entry.schema?.path;
    if (same && differences.length === 0) return isOk(now?.contentHash ?? null);
    return deviates('drift', same ? 'file' : 'lock', {
      expected: now?.contentHash ?? null,
      found: entry.schema?.contentHash ?? null,
      differences,
    });
  },
};

/** The catalog holds exactly this schema for the workflow's version. */
const catalog: Link = {
  name: 'catalog',
  check: async ({ run, spec, entry, plan }, options) => {
    const { format } = run.project.schemas;
    if (run.project.catalog.kind === 'none' || !spec.workflow || !plan.schema || format === 'none')
      return undefined;
    if (!run.catalog || !run.registries) return deviates('skipped', 'offline');
    const { text: content, contentHash } = plan.schema;
    const { id: name, version } = spec.workflow;
    const state = await lookFor(
      run.catalog,
      {
        bundle: spec.name,
        name,
        version,
        format,
        content,
        contentHash,
        image: plan.pinned,
        digest: entry.digest,
      },
      options,
    );
    if (state.is === 'same') return { ...isOk(contentHash), differences: state.warnings };
    const differences =
      state.is === 'different' ? [state.error.message] : [`${run.catalog.place} has no such entry`];
    return deviates('drift', state.is, { expected: contentHash, differences });
  },
};

/** The chain, from the sources on. */
export const links: readonly Link[] = [lock, sources, registry, moving, blobs, images, schema, catalog];

function sameText(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function objectDifferences({ objects }: LockEntry, now: LockEntry['objects']): LinkFinding['differences'] {
  const keyOf = ({ kind, name }: LockEntry['objects'][number]) => `${kind} ${name}`;
  const before = new Map(objects.map((object) => [keyOf(object), object.diffId]));
  const after = new Map(now.map((object) => [keyOf(object), object.diffId]));
  const added = [...after.keys()].filter((key) => !before.has(key)).map((key) => `${key} is new`);
  const gone = [...before.keys()].filter((key) => !after.has(key)).map((key) => `${key} is gone`);
  const changed = [...after].filter(([key, diffId]) => before.has(key) && before.get(key) !== diffId);
  const texts = [...changed.map(([key]) => `${key} changed`), ...added, ...gone];
  return texts.length > 0 ? texts : ['the order of the objects'];
}
