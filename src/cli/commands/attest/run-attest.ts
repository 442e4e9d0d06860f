import { createLimiter } from '../../../async/limiter.js';
import { withSharedSignal } from '../../../async/shared-signal.js';
import { loadBuiltBundle } from '../../../bundle/load-bundle.js';
import { BundlesError } from '../../../errors.js';
import { readFileCapped } from '../../../fs/read-file-capped.js';
import type { Digest } from '../../../oci/digest.js';
import { parseJsonView } from '../../../oci/json-view.js';
import { formatReference } from '../../../oci/reference.js';
import type { Connection } from '../../../open/connect.js';
import { optionOr } from '../../../open/machine.js';
import { openConnection } from '../../../open/open-connection.js';
import { openSigner, type SignerOptions } from '../../../open/open-signer.js';
import type { StorageChoice } from '../../../project/config/signature-storages.js';
import type { Project } from '../../../project/project.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import { buildPinned, type PinnedBundle } from '../../../release/pinned-bundle.js';
import { type Attestation, type AttestOptions, attestDigest } from '../../../signing/attest-digest.js';
import type { SignatureStorage } from '../../../signing/found-signatures.js';
import type { CertificateFacts } from '../../../signing/keyless/certificate-verifier.js';
import { provenancePredicate, readPredicateTypes } from '../../../signing/predicate-types.js';
import { type BuildFacts, readBuildFacts } from '../../../signing/provenance/build-facts.js';
import { createProvenance, isSameBuild } from '../../../signing/provenance/provenance.js';
import type { Signer } from '../../../signing/signer.js';
import type { Context } from '../../context.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { hiddenPrompt } from '../../open/ask-hidden.js';
import type { SignatureTarget } from '../../open/signature-targets.js';
import type { ProjectOptions } from '../../options/common-options.js';
import { count, totalsLine } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';
import { explainAbsent, findTargets } from '../sign/run-sign.js';

export interface AttestCommandOptions extends ProjectOptions, SignerOptions {
  readonly predicate?: string;
  readonly type?: string;
  readonly builderId?: string;
  readonly sourceUri?: string;
  readonly sourceCommit?: string;
}

interface AttestedBundle {
  readonly name: string;
  readonly reference: string;
  readonly digest: Digest | null;
  /** `skipped`: in a pull request from a fork, without a key. */
  readonly action: 'attested' | 'held' | 'skipped' | 'failed';
  /** The forms that were written. */
  readonly written: readonly SignatureStorage[];
  readonly requests: number;
  readonly error: ReportedError | null;
}

interface AttestDocument {
  readonly version: 1;
  /** Fingerprint of the public half; null without a key. */
  readonly key: Digest | null;
  /** Who attested without a key. */
  readonly identity: CertificateFacts | null;
  readonly predicateType: string;
  readonly bundles: readonly AttestedBundle[];
  readonly summary: {
    readonly attested: number;
    readonly held: number;
    readonly failed: number;
    readonly requests: number;
  };
  readonly error: null;
}

const atOnce = 16;
const longestPredicate = 4 * 1024 * 1024;

/** Makes sure that bundles are attested, and reports each. One failure does not stop the others. */
export async function runAttest(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: AttestCommandOptions },
): Promise<void> {
  const { context } = session;
  const subject = await readSubject(context, options);
  const { targets, projects } = await findTargets(session, words, options);
  if (subject.kind === 'provenance') targets.forEach(refuseReference);
  const { signer, key, identity, close } = await openSigner(context, options, {
    storages: targets.map(({ signing }) => signing?.storage),
    ask: hiddenPrompt(context),
  });
  const registries = targets.map(({ reference }) => reference.registry);
  const connection = await openConnection(context, { options, projects, patience: 'full', registries });
  const { signal } = withSharedSignal({ signal: AbortSignal.any([context.signal, connection.signal]) });
  try {
    connection.registry.announce(targets.map(({ reference }) => reference));
    const limiter = createLimiter(atOnce);
    const attesting = { signer, subject, project: projects[0], storage: options.signatureStorage, signal };
    const bundles = await Promise.all(
      targets.map((target) => limiter.run(() => attestOne(connection, target, attesting), signal)),
    );
    const number = (action: AttestedBundle['action']) =>
      bundles.filter((one) => one.action === action).length;
    const requests = bundles.reduce((sum, one) => sum + one.requests, 0);
    const document: AttestDocument = {
      version: 1,
      key,
      identity,
      predicateType: subject.predicateType,
      bundles,
      summary: { attested: number('attested'), held: number('held'), failed: number('failed'), requests },
      error: null,
    };
    if (options.output === 'json') context.stdout.json(document);
    else context.stdout.lines(showAttested(document, createScreen(context, 'stdout', options)));
    session.exitCode = worstExitCode(bundles.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])));
  } finally {
    await Promise.all([connection.close(), close()]);
  }
}

/** What is attested of every bundle, or from what it is made for each. */
type Subject =
  | ({ readonly kind: 'file' } & Attestation)
  | { readonly kind: 'provenance'; readonly predicateType: string; readonly build: BuildFacts };

/** @throws USAGE, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, NOT_READABLE */
async function readSubject(context: Context, options: AttestCommandOptions): Promise<Subject> {
  const { predicate: file, type } = options;
  const [predicateType] = type === undefined ? [undefined] : readPredicateTypes(type);
  if (file !== undefined) {
    if (predicateType === undefined) {
      throw new BundlesError('USAGE', 'Cannot use --predicate without --type', {
        hint: 'Give the predicate type of the file, e.g. --type vuln or a URI',
      });
    }
    return { kind: 'file', predicateType, predicate: await readPredicate(file, context.signal) };
  }
  if (predicateType !== undefined && predicateType !== provenancePredicate) {
    throw new BundlesError('USAGE', `Cannot make an attestation of the type ${JSON.stringify(type)}`, {
      hint: 'Give the file to attest with --predicate; without one, SLSA v1 provenance is made (slsaprovenance1)',
    });
  }
  const build = readBuildFacts(context.environment, {
    builder: optionOr(options.builderId, context, 'BUNDLES_BUILDER_ID'),
    sourceUri: optionOr(options.sourceUri, context, 'BUNDLES_SOURCE_URI'),
    sourceCommit: optionOr(options.sourceCommit, context, 'BUNDLES_SOURCE_COMMIT'),
  });
  return { kind: 'provenance', predicateType: provenancePredicate, build };
}

async function readPredicate(file: string, signal: AbortSignal): Promise<Attestation['predicate']> {
  const bytes = await readFileCapped(file, {
    limit: longestPredicate,
    missing: 'SOURCE_NOT_FOUND',
    missingHint: 'Name a file that holds a JSON object',
    signal,
  });
  try {
    return parseJsonView(bytes, { what: 'predicate', limit: longestPredicate }).value;
  } catch (cause) {
    throw new BundlesError(
      'USAGE',
      `Cannot attest ${JSON.stringify(file)}: it is not a JSON object in UTF-8`,
      {
        hint: 'A predicate is a JSON object, e.g. the output of a scanner',
        details: { file },
        cause,
      },
    );
  }
}

/** @throws USAGE */
function refuseReference({ name, pinned }: SignatureTarget): void {
  if (pinned) return;
  throw new BundlesError(
    'USAGE',
    `Cannot attest provenance of ${JSON.stringify(name)}: its sources are not here`,
    {
      hint: 'Name a declared bundle, or give a file with --predicate and --type',
    },
  );
}

interface Attesting {
  readonly signer: Signer | undefined;
  readonly subject: Subject;
  readonly project: Project | undefined;
  readonly storage: StorageChoice | undefined;
  readonly signal: AbortSignal;
}

async function attestOne(
  connection: Connection,
  target: SignatureTarget,
  { signer, subject, project, storage, signal }: Attesting,
): Promise<AttestedBundle> {
  const { name, reference, digest: known, signing, pinned } = target;
  let requests = 0;
  let digest = known;
  const shown = formatReference(reference);
  if (!signer) {
    const skipped = { digest: known ?? null, action: 'skipped', written: [], requests } as const;
    return { name, reference: shown, ...skipped, error: null };
  }
  try {
    const onRequest = () => void requests++;
    const what =
      subject.kind === 'file' ? subject : await provenanceOf(subject.build, { project, pinned }, signal);
    const repository = connection.registry.repository(reference, { onRequest });
    digest ??= (await repository.resolve(reference.tag ?? '', { signal })).digest;
    const how = { ...what, storage: storage ?? signing?.storage, signal };
    const { action, written } = await attestDigest(repository, digest, signer, how);
    return { name, reference: shown, digest, action, written, requests, error: null };
  } catch (error) {
    signal.throwIfAborted();
    const failed = { name, reference: shown, digest: digest ?? null, action: 'failed', written: [] } as const;
    return { ...failed, requests, error: reportedError(explainAbsent(error, name)) };
  }
}

/** @throws LOCK_STALE where the sources are not those of the lock, or give other bytes than it pins */
async function provenanceOf(
  build: BuildFacts,
  { project, pinned }: { readonly project: Project | undefined; readonly pinned: PinnedBundle | undefined },
  signal: AbortSignal,
): Promise<Attestation & Pick<AttestOptions, 'isSame'>> {
  if (!project || !pinned) throw new TypeError('provenance is of a declared bundle');
  const { spec, entry } = pinned;
  const local = await buildPinned(project, pinned, { signal });
  if (local.digest !== entry.digest) {
    throw new BundlesError(
      'LOCK_STALE',
      `Cannot attest ${JSON.stringify(spec.name)}: its sources give ${local.digest}, and the lock pins ${entry.digest}`,
      {
        hint: 'The pinned bundle has the same content in other bytes and was built elsewhere; only what these sources give has provenance here',
        details: { bundle: spec.name, found: local.digest, wanted: entry.digest },
      },
    );
  }
  const bundle = await loadBuiltBundle(await local.bundle());
  const predicate = createProvenance({ spec, bundle, files: local.files, build });
  return { predicateType: provenancePredicate, predicate, isSame: (other) => isSameBuild(predicate, other) };
}

function showAttested({ bundles, predicateType, summary }: AttestDocument, screen: Screen): string[] {
  const rows = bundles.map(({ name, digest, action, written, error }): Row => {
    const [text = '', ...more] = error ? errorTexts(error) : [];
    const mark = { attested: 'published', held: 'ok', skipped: 'warning', failed: 'failed' } as const;
    const why: Text =
      action === 'attested' ? written.join(' and ') : action === 'held' ? 'by this signer already' : text;
    return { mark: mark[action], name, outcome: action, digest: error ? null : digest, text: why, more };
  });
  const { requests, ...counts } = summary;
  const totals = totalsLine({ what: count(bundles.length, 'bundle'), requests, counts });
  const end = wrap([['dim', predicateType]], { indent: 0 }, screen);
  return [...formatRows(rows, screen), '', ...end, ...wrap([['bold', totals]], { indent: 0 }, screen)];
}
