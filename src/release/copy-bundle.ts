import { withSharedSignal } from '../async/shared-signal.js';
import type { BlobLedger } from '../content/blob-ledger.js';
import { type CopyReport, copyImage } from '../content/copy-image.js';
import { anchorTag, namedBy, planTag, type TagPlan, type TagStore } from '../content/move-tag.js';
import { type Company, type CompanySource, findCompany } from '../content/referrers-of.js';
import type { BlobMounter, CallOptions, Store, TaggedWriter } from '../content/store.js';
import { BundlesError, isBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { requireSignature, type Trusted } from '../signing/verify-signatures.js';

/** What is copied, from where and to where. */
export interface CopyBundleRequest {
  readonly source: CompanySource;
  readonly target: Store & TagStore & Partial<TaggedWriter & BlobMounter>;
  /** Tag or digest in the source. */
  readonly wanted: string;
  /** Tags for the target, put last and in this order; the fixed one first. */
  readonly tags: readonly string[];
  /** Move tags that look like fixed versions, and signature tags that hold something else. Default false. */
  readonly force?: boolean;
  /** Whether a digest first gets a separate tag when its tag moves. Default true. */
  readonly keepOld?: boolean;
  /** Leave referrers and signatures behind. Default false. */
  readonly alone?: boolean;
  /** Keys or identities: a valid signature by one of them has to be at the source before anything is sent. Default: none is needed. */
  readonly keys?: readonly Trusted[] | undefined;
  readonly ledger?: BlobLedger | undefined;
}

/** What a copy came to. */
export interface CopiedBundle {
  readonly digest: Digest;
  readonly tags: readonly CopiedTag[];
  /** Referrers and signature tags that are with it now. */
  readonly referrers: number;
  readonly signatures: readonly string[];
  /** Blobs and manifests: sent, mounted within the registry, and found there. */
  readonly copied: number;
  readonly mounted: number;
  readonly existing: number;
  /** Sent. */
  readonly bytes: number;
  readonly warnings: readonly string[];
}

/** What a copy did with a tag. */
export interface CopiedTag {
  readonly tag: string;
  readonly action: TagPlan['action'];
  /** The digest that it left. */
  readonly previous: Digest | null;
  /** The tag that this digest has now. */
  readonly anchor: string | null;
}

/**
 * Copies a bundle by digest with its referrers and signatures, then puts its tags. Nothing is sent that the target already has; within a
 * registry blobs are mounted; a copy that was interrupted continues. Whether the tags may move is decided before anything is sent.
 *
 * @throws SIGNATURE_MISSING, TAG_DIFFERS, NOT_FOUND, and what the stores throw, with `details.side`
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { buildBundle, createMemoryStore, readSources, writeImage } from 'tekton-bundles/bundle';
 * import { copyBundle, createNodeTransport, createRegistryClient } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * const path = 'pipelines/hello-world.yaml';
 * const source = createMemoryStore();
 * await writeImage(source, buildBundle(readSources([{ path, bytes: await readFile(path) }]).objects).image, { tag: 'v1' });
 *
 * await using server = await startRegistry();
 * const send = createNodeTransport();
 * const target = createRegistryClient({ send }).repository({ registry: server.host, repository: 'prod/hello' });
 * const { tags, copied } = await copyBundle({ source, target, wanted: 'v1', tags: ['v1.0.0'] });
 * console.log(copied, tags.map(({ tag, action }) => `${tag} ${action}`)); // 3 [ 'v1.0.0 put' ]
 * await send.close();
 * ```
 */
export async function copyBundle(request: CopyBundleRequest, call: CallOptions = {}): Promise<CopiedBundle> {
  const options = withSharedSignal(call);
  const { source, target, wanted, tags, force = false, alone = false, keepOld = true, ledger } = request;
  const { keys = [] } = request;
  const image = await source.resolve(wanted, options);
  const { digest } = image;
  if (keys.length > 0) await requireSignature(source, { digest, name: wanted }, keys, options);
  const plans: TagPlan[] = [];
  for (const tag of tags) plans.push(await planTag(target, { tag, digest, force }, options));
  const company = alone ? { referrers: [], signatures: [] } : await findCompany(source, digest, options);
  const reports: CopyReport[] = [];
  const copy: Copy = async (what, copyTags: readonly string[] = []) => {
    reports.push(await copyImage({ source, target }, what, { tags: copyTags, ledger, ...options }));
  };
  // Anyone who finds the tag is to find what belongs to it too.
  const hasCompany = company.referrers.length + company.signatures.length > 0;
  if (hasCompany || tags.length === 0) await copy(image);
  for (const referrer of company.referrers) await copy(referrer);
  const { signatures, warnings } = await copySignatures(request, { company, copy }, options);
  const put: CopiedTag[] = [];
  for (const planned of plans) {
    // What was sent took its time: the tag is looked at once more just before it is put.
    const plan =
      planned.action === 'unchanged'
        ? planned
        : await planTag(target, { tag: planned.tag, digest, force }, options);
    const anchor = keepOld ? await anchorLeft(target, plan, options) : undefined;
    if (plan.action !== 'unchanged') await putTag(target, { plan, image, copy }, options);
    const previous = plan.action === 'moved' ? (plan.previous?.digest ?? null) : null;
    put.push({ tag: plan.tag, action: plan.action, previous, anchor: anchor ?? null });
  }
  const sum = (key: 'copied' | 'mounted' | 'existing' | 'bytes') =>
    reports.reduce((all, report) => all + report[key], 0);
  return {
    digest,
    tags: put,
    referrers: company.referrers.length,
    signatures,
    warnings,
    copied: sum('copied'),
    mounted: sum('mounted'),
    existing: sum('existing'),
    bytes: sum('bytes'),
  };
}

async function anchorLeft(
  target: TagStore,
  { tag, action, previous }: TagPlan,
  options: CallOptions,
): Promise<string | undefined> {
  return action === 'moved' && previous ? anchorTag(target, { tag, previous }, options) : undefined;
}

type Copy = (what: Descriptor, tags?: readonly string[]) => Promise<void>;

/** Puts a tag and reads it back: a registry may refuse to move it, or another client may have been faster. */
async function putTag(
  target: CopyBundleRequest['target'],
  { plan: { tag }, image, copy }: { readonly plan: TagPlan; readonly image: Descriptor; readonly copy: Copy },
  options: CallOptions,
): Promise<void> {
  const { digest } = image;
  const failure = await copy(image, [tag]).then(
    () => undefined,
    (error: unknown) => error,
  );
  options.signal?.throwIfAborted();
  if (failure !== undefined && !isBundlesError(failure)) throw failure;
  const now = await namedBy(target, tag, options);
  if (now?.digest === digest) return;
  if (failure !== undefined) throw failure;
  throw new BundlesError(
    'RACE_LOST',
    `Cannot put the tag ${JSON.stringify(tag)}: it holds ${now?.digest ?? 'nothing'}, wanted ${digest}`,
    { details: { tag, expected: digest, found: now?.digest ?? null } },
  );
}

/** A signature tag that holds other signatures at the target is left, so that none is lost. */
async function copySignatures(
  { target, force = false, keepOld = true }: CopyBundleRequest,
  { company, copy }: { readonly company: Company; readonly copy: Copy },
  options: CallOptions,
): Promise<{ signatures: string[]; warnings: string[] }> {
  const signatures: string[] = [];
  const warnings: string[] = [];
  for (const { tag, descriptor } of company.signatures) {
    const held = await namedBy(target, tag, options);
    if (held && held.digest !== descriptor.digest && !force) {
      warnings.push(`the tag ${tag} holds other signatures at the target and stays; --force replaces it`);
      continue;
    }
    if (held?.digest !== descriptor.digest) {
      if (held && keepOld) await anchorTag(target, { tag, previous: held }, options);
      await copy(descriptor, [tag]);
    }
    signatures.push(tag);
  }
  return { signatures, warnings };
}
