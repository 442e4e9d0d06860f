import { createRegistryLedger } from '../../../content/blob-ledger.js';
import { openSourceLocation, openTargetLocation } from '../../../content/open-location.js';
import type { TagLister } from '../../../content/store.js';
import { BundlesError } from '../../../errors.js';
import { isDigest } from '../../../oci/digest.js';
import { formatImageLocation, type ImageLocation, parseImageLocation } from '../../../oci/image-location.js';
import { type Reference, referenceName } from '../../../oci/reference.js';
import { isTag } from '../../../oci/repository-name.js';
import type { Connection } from '../../../open/connect.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { openTrusted, type TrustedOptions } from '../../../open/trusted.js';
import { requireNameable } from '../../../publish/nameable.js';
import { type CopiedBundle, copyBundle } from '../../../release/copy-bundle.js';
import type { Trusted } from '../../../signing/verify-signatures.js';
import type { CommonOptions } from '../../options/common-options.js';
import { showCopy } from '../../output/show-copy.js';
import { createScreen } from '../../output/terminal.js';
import { wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface CopyOptions extends CommonOptions, NetworkOptions, TrustedOptions {
  readonly force?: boolean;
  /** False for --no-keep-old. */
  readonly keepOld: boolean;
  /** False for --no-referrers. */
  readonly referrers: boolean;
}

/** Copies one bundle between two locations and reports what that took. */
export async function runCopy(
  session: Session,
  request: { readonly source: string; readonly target: string; readonly options: CopyOptions },
): Promise<void> {
  const { context } = session;
  const { options } = request;
  const source = parseImageLocation(request.source);
  const target = parseImageLocation(request.target);
  if (target.kind === 'registry') requireNameable(target.reference);
  const keys = await openTrusted(context, options);
  const places = [source, target];
  const registries = places.flatMap((place) => (place.kind === 'registry' ? [place.reference.registry] : []));
  const connection =
    registries.length > 0
      ? await openConnection(context, { options, patience: 'full', registries })
      : undefined;
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  try {
    const { copy, requests } = await copyBetween({ source, target, options, keys, connection }, signal);
    for (const warning of copy.warnings) if (!options.quiet) context.stderr.line(`warning: ${warning}`);
    const shown = { source: formatImageLocation(source), target: formatImageLocation(target) };
    if (options.output === 'json') {
      const document = { version: 1, ...shown, ...copy, requests, error: null };
      context.stdout.json(document);
    } else {
      const screen = createScreen(context, 'stdout', options);
      const lines = [
        ...wrap(
          [['bold', shown.source], ` ${screen.unicode ? '→' : '->'} `, ['bold', shown.target]],
          { indent: 0 },
          screen,
        ),
        ...[copy.digest, ...showCopy(copy)].flatMap((line) => wrap(line, { indent: 2 }, screen)),
      ];
      context.stdout.lines(lines);
    }
  } finally {
    await connection?.close();
  }
}

interface CopyPlaces {
  readonly source: ImageLocation;
  readonly target: ImageLocation;
  readonly options: CopyOptions;
  readonly keys: readonly Trusted[];
  readonly connection: Connection | undefined;
}

async function copyBetween(
  { source, target, options, keys, connection }: CopyPlaces,
  signal: AbortSignal,
): Promise<{ copy: CopiedBundle; requests: number }> {
  let requests = 0;
  const onRequest = () => void requests++;
  const repository = (reference: Reference) => {
    if (!connection) throw new TypeError('A layout or archive does not need a repository');
    return connection.registry.repository(reference, { onRequest });
  };
  const from = await openSourceLocation(source, { repository, signal });
  const tag = await tagOf({ source, target }, from);
  const name = source.kind === 'registry' ? { name: referenceName(source.reference) } : {};
  const to = await openTargetLocation(target, {
    repository: (reference) => repository(reference).forPush(),
    ...name,
    signal,
  });
  try {
    const tags = tag === undefined ? [] : [tag];
    const { force = false, keepOld, referrers } = options;
    const copy = await copyBundle(
      {
        source: from.store,
        target: to.store,
        wanted: from.wanted,
        tags,
        force,
        keepOld,
        alone: !referrers,
        keys,
        ledger: ledgerOf(source, target),
      },
      { signal },
    );
    if (target.kind === 'registry' && target.reference.digest) requireDigest(copy, target);
    await to.finish();
    return { copy, requests };
  } finally {
    await to.close();
  }
}

/** The target's tag, else the source's; none where the target is named by its digest. @throws REFERENCE_INVALID */
async function tagOf(
  { source, target }: Pick<CopyPlaces, 'source' | 'target'>,
  { store, wanted }: { readonly store: object; readonly wanted: string },
): Promise<string | undefined> {
  const own = target.kind === 'oci' ? target.image : ownTag(target);
  if (own !== undefined || (target.kind === 'registry' && target.reference.digest)) return own;
  const named = ownTag(source) ?? tagPart(wanted);
  if (named !== undefined) return named;
  const [only, ...others] = source.kind === 'registry' ? [] : await (store as TagLister).tags();
  if (only !== undefined && others.length === 0) return only;
  if (target.kind !== 'registry') return undefined;
  throw new BundlesError(
    'REFERENCE_INVALID',
    `Cannot copy to ${JSON.stringify(formatImageLocation(target))}: no tag given, and the source has none to take over`,
    { hint: 'Write registry/repository:tag; registries remove what has no tag' },
  );
}

function ownTag(place: ImageLocation): string | undefined {
  if (place.kind === 'registry') return place.reference.tag;
  return place.image === undefined ? undefined : tagPart(place.image);
}

/** The tag of a name such as `quay.io/acme/hello:v1`. */
function tagPart(name: string): string | undefined {
  const end = name.slice(name.lastIndexOf(':') + 1);
  return !isDigest(name) && isTag(end) ? end : undefined;
}

function ledgerOf(source: ImageLocation, target: ImageLocation) {
  if (source.kind !== 'registry' || target.kind !== 'registry') return undefined;
  if (source.reference.registry !== target.reference.registry) return undefined;
  return createRegistryLedger().of(target.reference.repository, source.reference.repository);
}

function requireDigest({ digest }: CopiedBundle, target: Extract<ImageLocation, { kind: 'registry' }>): void {
  if (target.reference.digest === digest) return;
  throw new BundlesError(
    'DIGEST_NOT_OURS',
    `Cannot copy to ${JSON.stringify(formatImageLocation(target))}: the source has the digest ${digest}`,
    { details: { digest } },
  );
}
