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

/** A signed payload to store for a manifest in each requested form, and how to detect that it is stored. */
export interface StoragePlan {
  readonly predicateType: string;
  isHeld(found: FoundSignature): boolean;
  /** Reads the older form. */
  findLayers(options: CallOptions): Promise<readonly FoundSignature[]>;
  readonly verb: 'sign' | 'attest';
  /** The tag of the older form. */
  readonly tag: string;
  /** What a first bundle would hide from cosign, of these in the older form and of others. */
  hiddenByBundle(layers: readonly FoundSignature[], options: CallOptions): Promise<readonly string[]>;
  /** What to do where a first bundle would hide them. */
  readonly hiddenHint: string;
  bundle(options: CallOptions): Promise<Content> | Content;
  /** A layer for the image at the tag. */
  layer(): { readonly content: Content; readonly layer: Descriptor };
}

/** What is stored already, and what will be written. */
interface Situation {
  readonly bundles: readonly FoundSignature[];
  readonly layers: readonly FoundSignature[];
  readonly missing: readonly SignatureStorage[];
}

/**
 * Writes what is signed in each form in which it is not held yet, and gives those forms. The form that is wanted is
 * checked first: if it is there, nothing else is queried. The right to push is requested only if something is written.
 *
 * @throws SIGNATURE_HIDDEN for what cosign would misread
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
  const why = await whyHidden(plan, { bundles, layers, missing }, options);
  if (why) throw refusedAsHidden(repository, digest, { verb: plan.verb, ...why });
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

/** Why cosign would misread the image: where any bundle refers to it, it looks at no `.sig` and no `.att` tag. */
async function whyHidden(
  plan: StoragePlan,
  { bundles, layers, missing }: Situation,
  options: CallOptions,
): Promise<{ readonly why: string; readonly hint: string } | undefined> {
  const { verb, tag, hiddenHint } = plan;
  const what = { sign: 'a signature', attest: 'an attestation' }[verb];
  if (!missing.includes('referrer')) {
    if (bundles.length === 0 || bundles.some((found) => plan.isHeld(found))) return undefined;
    return {
      why: `cosign would not see ${what} at the tag ${tag}, since other bundles refer to the image`,
      hint: 'Pass --signature-storage referrer or both',
    };
  }
  // Where one bundle is, it has hidden them already.
  if (bundles.length > 0) return undefined;
  const hidden = await plan.hiddenByBundle(layers, options);
  if (hidden.length === 0) return undefined;
  return {
    why: `${what} as a referrer would hide others from cosign: ${hidden.join(' and ')}`,
    hint: hiddenHint,
  };
}

function refusedAsHidden(
  { registry, repository }: RegistryRepository,
  digest: Digest,
  { verb, why, hint }: { readonly verb: string; readonly why: string; readonly hint: string },
): BundlesError {
  const name = JSON.stringify(`${registry}/${repository}@${digest}`);
  return new BundlesError('SIGNATURE_HIDDEN', `Cannot ${verb} ${name}: ${why}`, {
    hint,
    details: { digest },
  });
}

async function putLayer(
  repository: RegistryRepository,
  plan: Pick<StoragePlan, 'tag' | 'layer'>,
  options: CallOptions,
): Promise<void> {
  const { content, layer } = plan.layer();
  await repository.upload(content, options);
  await repository.update(
    plan.tag,
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
