import { createLimiter } from '../../async/limiter.js';
import { withSharedSignal } from '../../async/shared-signal.js';
import { BundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { formatReference } from '../../oci/reference.js';
import type { Connection } from '../../open/connect.js';
import { openConnection } from '../../open/open-connection.js';
import { openSigner, type SignerOptions } from '../../open/open-signer.js';
import type { Project } from '../../project/project.js';
import { type ReportedError, reportedError } from '../../publish/reported-error.js';
import type { RegistryRepository } from '../../registry/repository.js';
import type { SignatureStorage } from '../../signing/found-signatures.js';
import type { CertificateFacts } from '../../signing/keyless/certificate-verifier.js';
import type { Signer } from '../../signing/signer.js';
import type { Context } from '../context.js';
import { openProject, type ProjectOptions } from '../options/common-options.js';
import { count, totalsLine } from '../output/amounts.js';
import { errorTexts } from '../output/report-error.js';
import { formatRows, type Row } from '../output/rows.js';
import type { Screen } from '../output/screen.js';
import { type Text, wrap } from '../output/wrap.js';
import { hiddenPrompt } from './ask-password.js';
import { declaredTargets, referenceTarget, type SignatureTarget, splitWords } from './signature-targets.js';

/** What a signer does to a target. */
export type Done = 'signed' | 'attested';

export interface SignedTarget<Did extends Done> {
  readonly name: string;
  readonly reference: string;
  readonly digest: Digest | null;
  /** `skipped`: in a pull request from a fork, without a key. */
  readonly action: Did | 'held' | 'skipped' | 'failed';
  /** The forms that were written. */
  readonly written: readonly SignatureStorage[];
  readonly requests: number;
  readonly error: ReportedError | null;
}

export interface SignedTargets<Did extends Done> {
  /** Fingerprint of the public half; null without a key. */
  readonly key: Digest | null;
  /** Whom the certificate names; null with a key. */
  readonly identity: CertificateFacts | null;
  readonly bundles: readonly SignedTarget<Did>[];
  readonly summary: Readonly<Record<Did | 'held' | 'failed' | 'requests', number>>;
}

export interface SigningTask<Did extends Done> {
  readonly did: Did;
  readonly targets: readonly SignatureTarget[];
  readonly projects: readonly Project[];
  /** Does it to one target; `place` asks where it is, once what needs no request is known. */
  readonly sign: (
    target: SignatureTarget,
    given: {
      readonly signer: Signer;
      readonly place: () => Promise<{ readonly repository: RegistryRepository; readonly digest: Digest }>;
      readonly signal: AbortSignal;
    },
  ) => Promise<{ readonly action: Did | 'held'; readonly written: readonly SignatureStorage[] }>;
}

const atOnce = 16;

/** What the words name, and the project that declares it. */
export async function findTargets(
  context: Context,
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

/** Has one signer go over all targets. One failure does not stop the others. */
export async function signTargets<Did extends Done>(
  context: Context,
  options: ProjectOptions & SignerOptions,
  task: SigningTask<Did>,
): Promise<SignedTargets<Did>> {
  const { did, targets, projects } = task;
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
    const bundles = await Promise.all(
      targets.map((target) =>
        limiter.run(() => signOne(connection, target, { signer, task, signal }), signal),
      ),
    );
    const number = (action: SignedTarget<Did>['action']) =>
      bundles.filter((one) => one.action === action).length;
    const requests = bundles.reduce((sum, one) => sum + one.requests, 0);
    const counts = { [did]: number(did), held: number('held'), failed: number('failed'), requests };
    return { key, identity, bundles, summary: counts as SignedTargets<Did>['summary'] };
  } finally {
    await Promise.all([connection.close(), close()]);
  }
}

interface Signing<Did extends Done> {
  readonly signer: Signer | undefined;
  readonly task: SigningTask<Did>;
  readonly signal: AbortSignal;
}

async function signOne<Did extends Done>(
  connection: Connection,
  target: SignatureTarget,
  { signer, task, signal }: Signing<Did>,
): Promise<SignedTarget<Did>> {
  const { name, reference } = target;
  let requests = 0;
  let digest = target.digest;
  const shown = formatReference(reference);
  if (!signer) {
    const skipped = { digest: digest ?? null, action: 'skipped', written: [], requests } as const;
    return { name, reference: shown, ...skipped, error: null };
  }
  try {
    const place = async () => {
      const onRequest = () => void requests++;
      const repository = connection.registry.repository(reference, { onRequest });
      digest ??= (await repository.resolve(reference.tag ?? '', { signal })).digest;
      return { repository, digest };
    };
    const { action, written } = await task.sign(target, { signer, place, signal });
    return { name, reference: shown, digest: digest ?? null, action, written, requests, error: null };
  } catch (error) {
    signal.throwIfAborted();
    const failed = { name, reference: shown, digest: digest ?? null, action: 'failed', written: [] } as const;
    return { ...failed, requests, error: reportedError(explainAbsent(error, name)) };
  }
}

/** What is pinned and not there fell back, or was removed. */
function explainAbsent(error: unknown, name: string): unknown {
  if (!(error instanceof BundlesError) || error.code !== 'NOT_FOUND') return error;
  return new BundlesError('NOT_FOUND', error.message, {
    hint: `Only what is on its registry is signed: publish it first, with ensure or promote ${name}`,
    details: error.details,
    cause: error,
  });
}

/** A row for each, and a line for all below the notes. */
export function showSignedTargets<Did extends Done>(
  { bundles, summary }: SignedTargets<Did>,
  notes: readonly Text[],
  screen: Screen,
): string[] {
  const marks = {
    signed: 'published',
    attested: 'published',
    held: 'ok',
    skipped: 'warning',
    failed: 'failed',
  } as const;
  const rows = bundles.map(({ name, digest, action, written, error }): Row => {
    const [text = '', ...more] = error ? errorTexts(error) : [];
    const mark = marks[action];
    const why: Text =
      mark === 'published' ? written.join(' and ') : action === 'held' ? 'by this signer already' : text;
    return { mark, name, outcome: action, digest: error ? null : digest, text: why, more };
  });
  const { requests, ...counts } = summary;
  const totals = totalsLine({ what: count(bundles.length, 'bundle'), requests, counts });
  const below = [...notes, [['bold', totals]] as const];
  return [...formatRows(rows, screen), '', ...below.flatMap((text) => wrap(text, { indent: 0 }, screen))];
}
