import { createLimiter } from '../async/limiter.js';
import type { CallOptions } from '../content/store.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Content, Image } from '../oci/image.js';
import { RegistryError } from './registry-error.js';
import type { RegistryRepository } from './repository.js';

/** What is known of the tag, and a last look before it moves. */
export interface PushOptions extends CallOptions {
  /** Nothing was at the tag a moment ago. Default false. */
  readonly likelyAbsent?: boolean | undefined;
  /** Called with what the tag names just before it is put (undefined: nothing); throwing leaves the tag alone. */
  readonly beforeTag?: (current: Descriptor | undefined) => void | Promise<void>;
}

/** The number of blobs that a push sent and found, and of its requests. */
export interface PushReport {
  /** Blobs sent, and those that were there; a blob sent by one POST counts as sent. */
  readonly uploaded: number;
  readonly existing: number;
  /** Requests of this push, token requests included. */
  readonly requests: number;
}

const blobsAtOnce = 4;
const verifyTries = 3;
const verifyPauseMs = 1_000;

/**
 * Makes a tag name exactly this image: blobs first, then the manifest, then a HEAD that proves it. Where a response is lost, the registry
 * is asked what it holds. Give it the bytes of `buildBundle`; it replaces what the tag named before.
 *
 * @throws RegistryError TAG_IMMUTABLE where the tag holds other content that cannot be replaced; RACE_LOST where another writer won
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, readSources } from 'tekton-bundles/bundle';
 * import { createNodeTransport, createRegistryClient, pushImage } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const { image, digest } = buildBundle(readSources([{ path, bytes: await readFile(path) }]).objects);
 *
 * await using server = await startRegistry();
 * const send = createNodeTransport();
 * const repository = createRegistryClient({ send }).repository({ registry: server.host, repository: 'acme/hello' });
 * const { uploaded, existing } = await pushImage(repository, image, 'v1.0.0');
 * console.log(uploaded, existing); // 2 0
 * console.log((await repository.resolve('v1.0.0')).digest === digest); // true
 * await send.close();
 * ```
 */
export async function pushImage(
  repository: RegistryRepository,
  image: Image,
  tag: string,
  options: PushOptions = {},
): Promise<PushReport> {
  const { beforeTag, likelyAbsent, signal } = options;
  const call: CallOptions = signal ? { signal } : {};
  const store = repository.forPush();
  const before = store.requests();
  const { uploaded, existing } = await sendBlobs(store, image, call);
  if (beforeTag) await beforeTag(await store.peek(tag, { likelyAbsent, ...call }));
  await store.put(image.manifest, tag, { ...call, sendMissing: () => sendMissing(store, image, call) });
  await verifyTag(store, image.manifest, { tag, ...call });
  return { uploaded, existing, requests: store.requests() - before };
}

interface TagCall extends CallOptions {
  readonly tag: string;
}

async function sendBlobs(
  store: RegistryRepository,
  { config, layers }: Image,
  call: CallOptions,
): Promise<{ uploaded: number; existing: number }> {
  const blobs = new Map([...layers, config].map((content) => [content.descriptor.digest, content]));
  const limiter = createLimiter(blobsAtOnce);
  const stop = new AbortController();
  const signal = call.signal ? AbortSignal.any([call.signal, stop.signal]) : stop.signal;
  const sending = [...blobs.values()].map((content) =>
    limiter
      .run(() => store.upload(content, { signal }), signal)
      .catch((error: unknown) => {
        stop.abort(error);
        throw error;
      }),
  );
  // The first failure stops the others; none may go on behind the caller's back.
  const settled = await Promise.allSettled(sending);
  call.signal?.throwIfAborted();
  if (stop.signal.aborted) throw stop.signal.reason;
  const uploaded = settled.filter((one) => one.status === 'fulfilled' && one.value === 'uploaded').length;
  return { uploaded, existing: settled.length - uploaded };
}

async function sendMissing(store: RegistryRepository, image: Image, call: CallOptions): Promise<void> {
  const blobs = new Map([...image.layers, image.config].map((one) => [one.descriptor.digest, one]));
  for (const content of blobs.values()) {
    if (!(await store.has(content.descriptor, call))) await store.upload(content, call);
  }
}

async function verifyTag(
  store: RegistryRepository,
  { descriptor }: Content,
  { tag, ...call }: TagCall,
): Promise<void> {
  let current: Descriptor | undefined;
  for (let tries = 1; tries <= verifyTries; tries++) {
    if (tries > 1) await store.pause(verifyPauseMs, call);
    current = await store.peek(tag, call);
    if (current?.digest === descriptor.digest) return;
  }
  throw new RegistryError(
    'RACE_LOST',
    `Cannot push "${store.registry}/${store.repository}:${tag}": it holds ${current?.digest ?? 'nothing'}, wanted ${descriptor.digest}`,
    {
      reason: 'race-lost',
      details: { expected: descriptor.digest, found: current?.digest ?? null },
    },
  );
}
