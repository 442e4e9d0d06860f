import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { parseManifest } from '../oci/manifest.js';
import type { StorageChoice } from '../project/config/signature-storages.js';
import type { RegistryRepository } from '../registry/repository.js';
import { attachArtifact } from './attach-artifact.js';
import { type FoundSignature, findBundles, type SignatureStorage } from './found-signatures.js';
import { bundleMediaType, contentAnnotation, predicateAnnotation } from './sigstore-bundle.js';
import { withSignature } from './simple-signing.js';

/** Something signed that a manifest is to have in each form wanted, and how to tell that it has it. */
export interface StoragePlan {
  readonly predicateType: string;
  isHeld(found: FoundSignature): boolean;
  /** Reads the older form. */
  findLayers(options: CallOptions): Promise<readonly FoundSignature[]>;
  /** Refuses what other programs would misread. @throws SIGNATURE_HIDDEN */
  refuseHidden(situation: Situation, options: CallOptions): Promise<void> | void;
  bundle(options: CallOptions): Promise<Content> | Content;
  /** A layer for the image at the tag. */
  layer(): { readonly tag: string; readonly content: Content; readonly layer: Descriptor };
}

/** What is stored already, and what will be written. */
export interface Situation {
  readonly bundles: readonly FoundSignature[];
  readonly layers: readonly FoundSignature[];
  readonly missing: readonly SignatureStorage[];
}

/**
 * Writes what is signed in each form in which it is not held yet, and gives those forms. The form that is wanted is
 * looked at first: where it holds, nothing else is asked. The right to push is asked for only where something is written.
 */
export async function ensureStored(
  repository: RegistryRepository,
  digest: Digest,
  plan: StoragePlan,
  { storage, ...options }: CallOptions & { readonly storage: StorageChoice },
): Promise<readonly SignatureStorage[]> {
  const wanted: readonly SignatureStorage[] = storage === 'both' ? ['referrer', 'tag'] : [storage];
  const isHeld = (found: readonly FoundSignature[]) => found.some((one) => plan.isHeld(one));
  const { predicateType } = plan;
  const find = {
    referrer: () => findBundles(repository, digest, { ...options, predicateTypes: [predicateType] }),
    tag: () => plan.findLayers(options),
  };
  const [first] = wanted;
  const state: Partial<Record<SignatureStorage, readonly FoundSignature[]>> = {};
  if (first) state[first] = await find[first]();
  if (wanted.length === 1 && first && isHeld(state[first] ?? [])) return [];
  const bundles = state.referrer ?? (await find.referrer());
  const layers = state.tag ?? (await find.tag());
  const held = { referrer: isHeld(bundles), tag: isHeld(layers) };
  const missing = wanted.filter((form) => !held[form]);
  if (missing.length === 0) return [];
  await plan.refuseHidden({ bundles, layers, missing }, options);
  // What is not there is not signed, and a referrer names its subject in full.
  const subject = await repository.resolve(digest, options);
  const target = repository.forPush();
  // The older form last: it is hidden by a bundle of another key, and by none of this one.
  if (missing.includes('referrer')) {
    const annotations = { [contentAnnotation]: 'dsse-envelope', [predicateAnnotation]: predicateType };
    const content = await plan.bundle(options);
    await attachArtifact(target, subject, { artifactType: bundleMediaType, content, annotations }, options);
  }
  if (missing.includes('tag')) await putLayer(target, plan, options);
  return missing;
}

/** @throws SIGNATURE_HIDDEN */
export function refusedAsHidden(
  repository: Pick<RegistryRepository, 'registry' | 'repository'>,
  digest: Digest,
  { verb, why, hint }: { readonly verb: string; readonly why: string; readonly hint: string },
): BundlesError {
  const name = JSON.stringify(`${repository.registry}/${repository.repository}@${digest}`);
  return new BundlesError('SIGNATURE_HIDDEN', `Cannot ${verb} ${name}: ${why}`, {
    hint,
    details: { digest },
  });
}

async function putLayer(
  repository: RegistryRepository,
  plan: Pick<StoragePlan, 'layer'>,
  options: CallOptions,
): Promise<void> {
  const { tag, content, layer } = plan.layer();
  await repository.upload(content, options);
  await repository.update(
    tag,
    async (current) => {
      if (current && hasLayer(current, layer)) return undefined;
      const { manifest, config } = withSignature(current, layer);
      await repository.upload(config, options);
      return manifest;
    },
    options,
  );
}

/** Two signatures of the same payload differ by their annotation alone. */
function hasLayer({ descriptor, bytes }: Content, { digest, annotations }: Descriptor): boolean {
  const manifest = parseManifest(bytes, descriptor.mediaType);
  const same = (one: Descriptor) =>
    one.digest === digest &&
    Object.entries(annotations ?? {}).every(([name, value]) => one.annotations?.[name] === value);
  return manifest.type === 'image' && manifest.layers.some(same);
}
