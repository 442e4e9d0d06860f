import { setMaxListeners } from 'node:events';
import { createLimiter, type Limiter } from '../async/limiter.js';
import { withSharedSignal } from '../async/shared-signal.js';
import { BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { parseManifest } from '../oci/manifest.js';
import { isManifest } from '../oci/media-types.js';
import type { BlobLedger } from './blob-ledger.js';
import { readContent } from './read-content.js';
import type { BlobMounter, CallOptions, ReadableStore, Store, TaggedWriter } from './store.js';

/** The tags of a copy, and how it is made. */
export interface CopyImageOptions extends CallOptions {
  /** Tags for the target, put in this order after all content is there. Default: none. */
  readonly tags?: readonly string[];
  /** Blobs in flight. Default 4. */
  readonly concurrency?: number;
  /** Where the target can mount blobs from, and what it already got by other copies of the run. */
  readonly ledger?: BlobLedger | undefined;
}

/** What a copy sent and what it found. */
export interface CopyReport {
  readonly descriptor: Descriptor;
  /** Blobs and manifests that were written. */
  readonly copied: number;
  /** Blobs that the target took over from another of its repositories. */
  readonly mounted: number;
  /** Blobs and manifests that the target already had; what such a manifest names is not checked and not counted. */
  readonly existing: number;
  /** Bytes written. */
  readonly bytes: number;
}

/** Where an image goes: blobs are mounted and tags put in one step where the store can do so. */
export type CopyTarget = Store & Partial<TaggedWriter & BlobMounter>;
type Operation = 'resolve' | 'has' | 'read' | 'write' | 'tag';

interface Copy {
  readonly source: ReadableStore;
  readonly target: CopyTarget;
  readonly options: CallOptions;
  readonly limiter: Limiter;
  /** One copy per digest, however often an image names it. */
  readonly started: Map<Digest, Promise<void>>;
  readonly ledger: BlobLedger | undefined;
  readonly report: { copied: number; mounted: number; existing: number; bytes: number };
}

const deepestIndex = 4;

/**
 * Copies an image, or an index with everything it names, by tag, digest or descriptor: children before parents, and nothing that the
 * target already has. `bytes` of the report counts what was sent.
 *
 * @throws what the stores throw; `details.side` is `source` or `target`, `details.operation` what failed there
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, copyImage, createMemoryStore, openLayoutStore, readSources, writeImage } from 'tekton-bundles/bundle';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { objects } = readSources([{ path, bytes: await readFile(path) }]);
 * const source = createMemoryStore();
 * await writeImage(source, buildBundle(objects).image, { tag: 'v1' });
 * const target = openLayoutStore('layout');
 * const report = await copyImage({ source, target }, 'v1', { tags: ['v1', 'latest'] });
 * console.log(report.copied, report.existing); // 3 0
 * console.log(await target.tags()); // [ 'latest', 'v1' ]
 * ```
 */
export async function copyImage(
  { source, target }: { readonly source: ReadableStore; readonly target: CopyTarget },
  image: string | Descriptor,
  { tags = [], concurrency = 4, ledger, signal }: CopyImageOptions = {},
): Promise<CopyReport> {
  const options: CallOptions = withSharedSignal(signal ? { signal } : {});
  const report = { copied: 0, mounted: 0, existing: 0, bytes: 0 };
  const limiter = createLimiter(concurrency);
  const copy: Copy = { source, target, options, limiter, started: new Map(), ledger, report };
  try {
    const descriptor =
      typeof image === 'string'
        ? await on('source', 'resolve', image, () => source.resolve(image, options))
        : image;
    await copyManifest(copy, descriptor, { depth: 0, tags });
    return { descriptor, ...report };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error;
  }
}

async function copyManifest(
  copy: Copy,
  descriptor: Descriptor,
  { depth, tags }: { readonly depth: number; readonly tags: readonly string[] },
): Promise<void> {
  const { source, target, options, report } = copy;
  const { digest } = descriptor;
  if (await on('target', 'has', digest, () => target.has(descriptor, options))) {
    report.existing++;
    for (const tag of tags) await on('target', 'tag', tag, () => target.tag(descriptor, tag, options));
    return;
  }
  const bytes = await on('source', 'read', digest, () => readContent(source, descriptor, options));
  await copyChildren(copy, childrenOf(descriptor, bytes), depth + 1);
  const [first, ...others] = tags;
  await on('target', 'write', digest, async () => {
    if (first === undefined) await target.write(descriptor, bytes, options);
    else if (target.writeTagged) await target.writeTagged(descriptor, bytes, first, options);
    else {
      await target.write(descriptor, bytes, options);
      await target.tag(descriptor, first, options);
    }
  });
  report.copied++;
  report.bytes += bytes.length;
  for (const tag of others) await on('target', 'tag', tag, () => target.tag(descriptor, tag, options));
}

async function copyChildren(copy: Copy, children: readonly Descriptor[], depth: number): Promise<void> {
  if (depth > deepestIndex) {
    throw new BundlesError('BUNDLE_INVALID', `Cannot copy an index nested more than ${deepestIndex} deep`);
  }
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  const copies = children.map((child) => {
    let started = copy.started.get(child.digest);
    if (!started) {
      started = isManifest(child.mediaType)
        ? copyManifest(copy, child, { depth, tags: [] })
        : copy.limiter.run(() => moveBlob(copy, child, abort.signal), copy.options.signal);
      copy.started.set(child.digest, started);
    }
    return started;
  });
  try {
    await Promise.all(copies);
  } catch (error) {
    // The others need not go on, and no writer may still be active when the failure reaches the caller.
    abort.abort(error);
    await Promise.allSettled(copies);
    throw error;
  }
}

/** Mounts a blob where that can be, else copies it; of two copies of a run only one sends it. */
async function moveBlob(copy: Copy, descriptor: Descriptor, siblings: AbortSignal): Promise<void> {
  const { target, ledger, report } = copy;
  const own = copy.options.signal;
  const options = { signal: own ? AbortSignal.any([own, siblings]) : siblings };
  options.signal.throwIfAborted();
  if (!ledger) return copyBlob(copy, descriptor, options);
  await ledger.once(descriptor.digest, async (holders) => {
    for (const holder of holders) {
      if (!(await target.mount?.(descriptor, holder, options))) continue;
      report.mounted++;
      return;
    }
    await copyBlob(copy, descriptor, options);
  });
}

async function copyBlob(
  copy: Copy,
  descriptor: Descriptor,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { source, target, report } = copy;
  const { digest } = descriptor;
  if (await on('target', 'has', digest, () => target.has(descriptor, options))) {
    report.existing++;
    return;
  }
  const stream = await on('source', 'read', digest, () => source.read(descriptor, options));
  const watched = watch(stream);
  try {
    await target.write(descriptor, watched.stream, options);
  } catch (error) {
    const side = watched.failed() ? 'source' : 'target';
    await on(side, side === 'source' ? 'read' : 'write', digest, () => Promise.reject(error));
  }
  report.copied++;
  report.bytes += descriptor.size;
}

/** Passes a stream on and remembers whether it was the source that failed. */
function watch(source: ReadableStream<Uint8Array>): {
  readonly stream: ReadableStream<Uint8Array>;
  failed(): boolean;
} {
  const reader = source.getReader();
  let failed = false;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          failed = true;
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { stream, failed: () => failed };
}

function childrenOf({ mediaType }: Descriptor, bytes: Uint8Array): readonly Descriptor[] {
  const manifest = parseManifest(bytes, mediaType);
  return manifest.type === 'index' ? manifest.manifests : [manifest.config, ...manifest.layers];
}

async function on<T>(
  side: 'source' | 'target',
  operation: Operation,
  subject: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (isBundlesError(error) && 'side' in error.details) throw error;
    const ours = isBundlesError(error) ? error : undefined;
    throw new BundlesError(
      ours?.code ?? 'UNEXPECTED',
      `Cannot copy ${JSON.stringify(subject)}: ${operation} failed at the ${side}: ${error.message}`,
      {
        details: { ...ours?.details, side, operation, subject },
        cause: error,
        ...(ours?.hint !== undefined && { hint: ours.hint }),
      },
    );
  }
}
