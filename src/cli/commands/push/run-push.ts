import { anchorTag } from '../../../content/move-tag.js';
import { BundlesError } from '../../../errors.js';
import type { Descriptor } from '../../../oci/descriptor.js';
import type { Digest } from '../../../oci/digest.js';
import { formatReference, parseReference, type Reference } from '../../../oci/reference.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { describeLeft, type LeftDigest, lookForLeft } from '../../../publish/left-digest.js';
import { requireNameable } from '../../../publish/nameable.js';
import { askVerdict, type Verdict } from '../../../publish/verdict.js';
import { pushImage } from '../../../registry/push-image.js';
import type { RegistryRepository } from '../../../registry/repository.js';
import { buildFromFiles, type FileBundle } from '../../open/build-from-files.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

export interface PushOptions extends CommonOptions, NetworkOptions {
  readonly file?: readonly string[];
  readonly annotate?: readonly string[];
  readonly label?: readonly string[];
  readonly ctime?: string;
  readonly overwrite: boolean;
  readonly keepOld?: boolean;
  readonly tknCompat?: boolean;
}

interface PushResult {
  readonly outcome: 'published' | 'reused';
  /** What the tag names now. */
  readonly digest: Digest;
  /** What it named before, where that was something else. */
  readonly previous: Digest | null;
  /** What became of that; null without a previous digest. */
  readonly left: LeftDigest | null;
}

/**
 * Builds one bundle from files and pushes it. Over other content it overwrites, as tkn does, and reports what became of the
 * old digest.
 */
export async function runPush(
  session: Session,
  { reference: text, options }: { readonly reference: string; readonly options: PushOptions },
): Promise<void> {
  const { context } = session;
  const reference = parseReference(text);
  const built = await buildFromFiles(context, options);
  refuseUnfit(reference, built.bundle.digest);
  for (const warning of built.warnings) if (!options.quiet) context.stderr.line(`warning: ${warning}`);
  const connection = await openConnection(context, {
    options,
    patience: 'full',
    registries: [reference.registry],
  });
  try {
    let requests = 0;
    const onRequest = () => void requests++;
    const repository = connection.registry.repository(reference, { onRequest }).forPush();
    const result = await push(
      repository,
      { reference, built, overwrite: options.overwrite, keepOld: options.keepOld === true },
      { signal: context.signal },
    );
    if (options.output === 'json') context.stdout.json(document(reference, { built, result, requests }));
    else context.stdout.lines(asTkn(reference, { built, result }));
    if (result.left && options.output === 'text' && !options.quiet) {
      const { digest } = result.left;
      context.stderr.line(`${formatReference(reference)} was ${digest} before: ${describeLeft(result.left)}`);
    }
  } finally {
    await connection.close();
  }
}

interface PushRequest {
  readonly reference: Reference;
  readonly built: FileBundle;
  readonly overwrite: boolean;
  readonly keepOld: boolean;
}

async function push(
  repository: RegistryRepository,
  { reference, built: { bundle }, overwrite, keepOld }: PushRequest,
  options: { readonly signal: AbortSignal },
): Promise<PushResult> {
  const tag = reference.tag ?? bundle.digest;
  const verdict = await askVerdict(
    repository,
    { ours: { digest: bundle.digest, bundle: async () => bundle }, tag },
    options,
  );
  const reused = { outcome: 'reused', previous: null, left: null } as const;
  if (verdict.name === 'present') return { ...reused, digest: verdict.digest };
  if (verdict.name === 'denied' || verdict.name === 'unreachable') throw verdict.error;
  if (!overwrite && verdict.name === 'different') throw differs(reference, verdict);
  if (!overwrite && verdict.name === 'equivalent') return { ...reused, digest: verdict.digest };
  const pushed = { outcome: 'published', digest: bundle.digest } as const;
  let previous = verdict.name === 'absent' ? undefined : verdict.digest;
  if (overwrite && !keepOld) {
    await pushImage(repository, bundle.image, tag, options);
    if (previous === undefined) return { ...pushed, previous: null, left: null };
    return { ...pushed, previous, left: await lookForLeft(repository, previous, options) };
  }
  let anchor: string | null = null;
  const beforeTag = async (current: Descriptor | undefined) => {
    previous = current?.digest;
    if (current === undefined || current.digest === bundle.digest) return;
    if (!overwrite) throw differs(reference, { digest: current.digest, differences: [] });
    anchor = await anchorTag(repository, { tag, previous: current }, options);
  };
  await pushImage(repository, bundle.image, tag, {
    beforeTag,
    likelyAbsent: previous === undefined,
    ...options,
  });
  if (previous === undefined || anchor === null) return { ...pushed, previous: null, left: null };
  return { ...pushed, previous, left: { digest: previous, anchor, answers: true } };
}

function differs(
  reference: Reference,
  { digest, differences }: Pick<Extract<Verdict, { name: 'different' }>, 'digest' | 'differences'>,
): BundlesError {
  return new BundlesError(
    'TAG_DIFFERS',
    `Cannot push to ${JSON.stringify(formatReference(reference))}: the tag holds other content, ${digest}`,
    { hint: 'Use a new tag, or leave out --no-overwrite', details: { digest, differences } },
  );
}

function refuseUnfit(reference: Reference, digest: Digest): void {
  requireNameable(reference);
  if (reference.tag === undefined && reference.digest === undefined) {
    throw new BundlesError(
      'REFERENCE_INVALID',
      `Cannot push to ${JSON.stringify(formatReference(reference))}: no tag given`,
      {
        hint: 'Write registry/repository:tag; latest is never implied',
      },
    );
  }
  if (reference.digest === undefined || reference.digest === digest) return;
  throw new BundlesError(
    'DIGEST_NOT_OURS',
    `Cannot push to ${JSON.stringify(formatReference(reference))}: the files give ${digest}`,
    { hint: 'Check files, annotations, labels and --ctime, or push to a tag', details: { built: digest } },
  );
}

function asTkn(reference: Reference, { built, result }: { built: FileBundle; result: PushResult }): string[] {
  const added = built.objects.map(({ kind, name }) => `\t- Added ${kind}: ${name} to image`);
  const where = `${reference.registry}/${reference.repository}@${result.digest}`;
  return ['Creating Tekton Bundle:', ...added, '', `Pushed Tekton Bundle to ${where}`];
}

function document(
  reference: Reference,
  { built, result, requests }: { built: FileBundle; result: PushResult; requests: number },
): object {
  const { bundle, warnings } = built;
  const { left, ...shown } = result;
  return {
    version: 1,
    reference: formatReference(reference),
    ...shown,
    anchor: left?.anchor ?? null,
    previousAnswers: left?.answers ?? null,
    built: bundle.digest,
    configDigest: bundle.configDigest,
    objects: bundle.objects,
    requests,
    warnings,
    error: null,
  };
}
