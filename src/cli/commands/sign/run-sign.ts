import { createLimiter } from '../../../async/limiter.js';
import { withSharedSignal } from '../../../async/shared-signal.js';
import { BundlesError } from '../../../errors.js';
import type { Digest } from '../../../oci/digest.js';
import { formatReference } from '../../../oci/reference.js';
import type { Connection } from '../../../open/connect.js';
import { openConnection } from '../../../open/open-connection.js';
import { openSigner, type SignerOptions } from '../../../open/open-signer.js';
import type { StorageChoice } from '../../../project/config/signature-storages.js';
import type { Project } from '../../../project/project.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import type { SignatureStorage } from '../../../signing/found-signatures.js';
import type { CertificateFacts } from '../../../signing/keyless/certificate-verifier.js';
import { signDigest } from '../../../signing/sign-digest.js';
import type { Signer } from '../../../signing/signer.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { hiddenPrompt } from '../../open/ask-hidden.js';
import {
  declaredTargets,
  referenceTarget,
  type SignatureTarget,
  splitWords,
} from '../../open/signature-targets.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count, totalsLine } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface SignOptions extends ProjectOptions, SignerOptions {}

interface SignedBundle {
  readonly name: string;
  readonly reference: string;
  readonly digest: Digest | null;
  /** `skipped`: in a pull request from a fork, without a key. */
  readonly action: 'signed' | 'held' | 'skipped' | 'failed';
  /** The forms that were written. */
  readonly written: readonly SignatureStorage[];
  readonly requests: number;
  readonly error: ReportedError | null;
}

interface SignDocument {
  readonly version: 1;
  /** Fingerprint of the public half; null without a key. */
  readonly key: Digest | null;
  /** Who signed without a key. */
  readonly identity: CertificateFacts | null;
  readonly bundles: readonly SignedBundle[];
  readonly summary: {
    readonly signed: number;
    readonly held: number;
    readonly failed: number;
    readonly requests: number;
  };
  readonly error: null;
}

const atOnce = 16;

/** Makes sure that bundles are signed, and tells what became of each. One failure does not stop the others. */
export async function runSign(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: SignOptions },
): Promise<void> {
  const { context } = session;
  const { targets, projects } = await findTargets(session, words, options);
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
    const { signatureStorage: storage } = options;
    const bundles = await Promise.all(
      targets.map((target) =>
        limiter.run(() => signOne(connection, target, { signer, storage, signal }), signal),
      ),
    );
    const number = (action: SignedBundle['action']) => bundles.filter((one) => one.action === action).length;
    const requests = bundles.reduce((sum, one) => sum + one.requests, 0);
    const summary = { signed: number('signed'), held: number('held'), failed: number('failed'), requests };
    const document: SignDocument = {
      version: 1,
      key,
      identity,
      bundles,
      summary,
      error: null,
    };
    if (options.output === 'json') context.stdout.json(document);
    else context.stdout.lines(showSigned(document, createScreen(context, 'stdout', options)));
    session.exitCode = worstExitCode(bundles.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])));
  } finally {
    await Promise.all([connection.close(), close()]);
  }
}

/** What the words name, and the project that declares it. */
export async function findTargets(
  { context }: Session,
  words: readonly string[],
  options: ProjectOptions,
): Promise<{ targets: SignatureTarget[]; projects: Project[] }> {
  const { names, references } = splitWords(words);
  const targets = references.map(referenceTarget);
  if (words.length > 0 && names.length === 0) return { targets, projects: [] };
  const opened = await openProject(context, options);
  const declared = await declaredTargets({ ...opened, names }, context.signal);
  return { targets: [...declared, ...targets], projects: [opened.project] };
}

interface Signing {
  readonly signer: Signer | undefined;
  readonly storage: StorageChoice | undefined;
  readonly signal: AbortSignal;
}

async function signOne(
  connection: Connection,
  { name, reference, digest: known, signing }: SignatureTarget,
  { signer, storage, signal }: Signing,
): Promise<SignedBundle> {
  let requests = 0;
  let digest = known;
  const shown = formatReference(reference);
  if (!signer) {
    const skipped = { digest: known ?? null, action: 'skipped', written: [], requests } as const;
    return { name, reference: shown, ...skipped, error: null };
  }
  try {
    const onRequest = () => void requests++;
    const how = { ...signing, ...(storage ? { storage } : {}), signal };
    const repository = connection.registry.repository(reference, { onRequest });
    digest ??= (await repository.resolve(reference.tag ?? '', { signal })).digest;
    const { action, written } = await signDigest(repository, digest, signer, how);
    return { name, reference: shown, digest, action, written, requests, error: null };
  } catch (error) {
    signal.throwIfAborted();
    const failed = { name, reference: shown, digest: digest ?? null, action: 'failed', written: [] } as const;
    return { ...failed, requests, error: reportedError(explainAbsent(error, name)) };
  }
}

/** What is pinned and not there fell back, or was removed. */
export function explainAbsent(error: unknown, name: string): unknown {
  if (!(error instanceof BundlesError) || error.code !== 'NOT_FOUND') return error;
  return new BundlesError('NOT_FOUND', error.message, {
    hint: `Only what is on its registry is signed: publish it first, with ensure or promote ${name}`,
    details: error.details,
    cause: error,
  });
}

function showSigned({ bundles, summary }: SignDocument, screen: Screen): string[] {
  const rows = bundles.map(({ name, digest, action, written, error }): Row => {
    const [text = '', ...more] = error ? errorTexts(error) : [];
    const mark = { signed: 'published', held: 'ok', skipped: 'warning', failed: 'failed' } as const;
    const why: Text =
      action === 'signed' ? written.join(' and ') : action === 'held' ? 'by this signer already' : text;
    return { mark: mark[action], name, outcome: action, digest: error ? null : digest, text: why, more };
  });
  const { requests, ...counts } = summary;
  const totals = totalsLine({ what: count(bundles.length, 'bundle'), requests, counts });
  return [...formatRows(rows, screen), '', ...wrap([['bold', totals]], { indent: 0 }, screen)];
}
