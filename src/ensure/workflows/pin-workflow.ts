import type { CallOptions } from '../../content/store.js';
import { BundlesError, isBundlesError } from '../../errors.js';
import type { ImageResolver } from '../../images/image-resolver.js';
import { isDigest } from '../../oci/digest.js';
import { formatReference, parseReference, type Reference, referenceName } from '../../oci/reference.js';
import type { WorkflowSpec } from '../../project/config/parse-workflows.js';
import type { Lock } from '../../project/lock/lock.js';
import { showText } from '../../yaml-file/show-text.js';
import type { FieldEdit, KeptWorkflow } from './kept-file.js';

/** What a workflow runs, to the byte. */
export interface WorkflowPin {
  /** `registry/repository:tag`, or the address of a git repository. */
  readonly reference: string;
  /** Of the manifest; of a git repository the commit. */
  readonly digest: string;
  /** The two together, as a catalog gets it; of a git repository its address. */
  readonly pinned: string;
}

export interface PinSituation {
  readonly lock: Lock;
  /** Resolves what the lock does not have. */
  readonly resolve: ImageResolver;
  /** Resolve all of them, whatever the lock has. */
  readonly refresh: boolean;
  /** What `images ensure` found just now, by the name of the image. */
  readonly images: ReadonlyMap<string, WorkflowPin>;
}

export function toPin(reference: string, digest: string): WorkflowPin {
  return { reference, digest, pinned: `${reference}@${digest}` };
}

/**
 * The pin of a workflow that no bundle of the project gives: what the lock states of the same reference, else what the
 * registry states. @throws IMAGE_NOT_PINNED, IMAGE_NOT_FOUND, REGISTRY_DENIED, REGISTRY_UNREACHABLE
 */
export async function pinSource(
  { name, source }: WorkflowSpec,
  { lock, resolve, refresh, images }: PinSituation,
  options: CallOptions & { readonly onRequest?: () => void } = {},
): Promise<WorkflowPin> {
  if (source.kind === 'git') {
    const { url: reference, commit: digest } = source;
    return { reference, digest, pinned: reference };
  }
  if (source.kind === 'bundle') throw new TypeError('a bundle brings its own pin');
  const { reference } = source;
  const fresh = source.kind === 'image' ? images.get(source.image) : undefined;
  if (fresh) return fresh;
  const known = refresh ? undefined : lockedPin(name, reference, lock);
  if (known) return known;
  const { tag } = reference;
  // What has no tag, or lives on this machine alone, is known by its build.
  if (tag === undefined || reference.registry === 'localhost') {
    const kept = lockedPin(name, reference, lock);
    if (kept) return kept;
    throw notPinned(name, source.kind === 'image' ? source.image : undefined);
  }
  const text = formatReference(reference);
  const digest = await resolve({ form: 'tag', name: text, reference: { ...reference, tag } }, options);
  return toPin(text, digest);
}

/** What the lock states of a workflow, else of another one that runs the same. */
function lockedPin(name: string, reference: Reference, { workflows }: Lock): WorkflowPin | undefined {
  const own = workflows.get(name);
  const found = [...(own ? [own] : []), ...workflows.values()].find(
    (locked) => isDigest(locked.digest) && namesSame(reference, locked.reference),
  );
  return found && toPin(found.reference, found.digest);
}

/** Of a declared reference without a tag, whatever tag its build got is the same. */
function namesSame(declared: Reference, locked: string): boolean {
  const found = readReference(locked);
  if (found === undefined || referenceName(found) !== referenceName(declared)) return false;
  return declared.tag === undefined || declared.tag === found.tag;
}

function notPinned(name: string, image: string | undefined): BundlesError {
  const command = `npx tekton-bundles images ensure${image === undefined ? '' : ` ${image}`}`;
  return new BundlesError(
    'IMAGE_NOT_PINNED',
    `Cannot pin the workflow ${showText(name)}: bundles.lock has no digest for its image, and its declaration has no tag to look up`,
    { hint: `Run: ${command}`, details: { workflow: name, image: image ?? null } },
  );
}

/**
 * What has to be written into a document so that it names a pin. A reference that states the same already stays as it is,
 * and one that is written without a tag gets none.
 */
export function pinEdits(workflow: KeptWorkflow, pin: WorkflowPin): FieldEdit[] {
  const { bundle, bundleDigest, engine } = workflow;
  const edits: FieldEdit[] = [];
  const set = (field: FieldEdit['field'], now: string | undefined, text: string) => {
    if (now !== text) edits.push({ workflow, field, text });
  };
  const isGit = engine === 'ansible';
  set('bundle', bundle, isGit ? pin.reference : referenceText(bundle, pin));
  if (isGit || bundleDigest !== undefined) set('bundleDigest', bundleDigest, pin.digest);
  return edits;
}

function referenceText(now: string | undefined, { reference, digest, pinned }: WorkflowPin): string {
  const found = now === undefined ? undefined : readReference(now);
  const wanted = readReference(reference);
  if (now === undefined || found?.digest === undefined || wanted === undefined) return pinned;
  if (referenceName(found) !== referenceName(wanted)) return pinned;
  if (found.tag !== undefined && found.tag !== wanted.tag) return pinned;
  return found.digest === digest ? now : `${now.slice(0, now.lastIndexOf('@'))}@${digest}`;
}

function readReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (isBundlesError(error)) return undefined;
    throw error;
  }
}

/** The next patch version of a SemVer, with the v that it had; undefined for other texts. */
export function nextPatch(version: string): string | undefined {
  const found =
    /^(v?(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.)(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.exec(
      version,
    );
  if (found === null) return undefined;
  const [, start = '', patch, isPreRelease] = found;
  // What a release candidate leads to is a release.
  return `${start}${isPreRelease === undefined ? Number(patch) + 1 : patch}`;
}

/** The engine that a document must name for what it runs. */
export function enginesOf({ source }: WorkflowSpec): readonly string[] {
  if (source.kind === 'bundle') return ['tekton'];
  if (source.kind === 'image') return ['job'];
  return source.kind === 'git' ? ['ansible'] : ['tekton', 'job'];
}
