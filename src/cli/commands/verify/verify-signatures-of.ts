import { createLimiter } from '../../../async/limiter.js';
import { withSharedSignal } from '../../../async/shared-signal.js';
import type { Digest } from '../../../oci/digest.js';
import { formatReference } from '../../../oci/reference.js';
import type { Connection } from '../../../open/connect.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import {
  signatureMissing,
  type TrustedKey,
  type VerifiedSignature,
  verifySignatures,
} from '../../../signing/verify-signatures.js';
import type { SignatureTarget } from '../../open/signature-targets.js';
import { withShortDigests } from '../../output/amounts.js';
import { failedCase, type PlaceOfBundle, type ReportCase } from '../../output/report-case.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import type { Text } from '../../output/wrap.js';

/** What the signatures of one digest came to. */
export interface VerifiedTarget {
  readonly name: string;
  readonly reference: string;
  readonly digest: Digest | null;
  /** Whether a signature by one of the keys holds. */
  readonly held: boolean;
  /** All that were found, in both forms, attestations included. */
  readonly signatures: readonly VerifiedSignature[];
  readonly requests: number;
  /** SIGNATURE_MISSING where none holds, or what kept them from being read. */
  readonly error: ReportedError | null;
}

const atOnce = 16;

/** Verifies the signatures of each target; one failure does not stop the others. */
export async function verifySignaturesOf(
  { registry }: Pick<Connection, 'registry'>,
  targets: readonly SignatureTarget[],
  keys: readonly TrustedKey[],
  call: { readonly signal: AbortSignal },
): Promise<VerifiedTarget[]> {
  const { signal } = withSharedSignal(call);
  registry.announce(targets.map(({ reference }) => reference));
  const limiter = createLimiter(atOnce);
  const verify = async ({ name, reference, digest: known }: SignatureTarget): Promise<VerifiedTarget> => {
    let requests = 0;
    let digest = known;
    const facts = { name, reference: formatReference(reference) };
    try {
      const repository = registry.repository(reference, { onRequest: () => void requests++ });
      digest ??= (await repository.resolve(reference.tag ?? '', { signal })).digest;
      const { held, signatures } = await verifySignatures(repository, digest, keys, { signal });
      const missing = held ? undefined : signatureMissing(name, { digest, signatures, keys });
      const error = missing ? reportedError(missing) : null;
      return { ...facts, digest, held, signatures, requests, error };
    } catch (error) {
      signal.throwIfAborted();
      const nothing = { held: false, signatures: [] };
      return { ...facts, digest: digest ?? null, ...nothing, requests, error: reportedError(error) };
    }
  };
  return Promise.all(targets.map((target) => limiter.run(() => verify(target), signal)));
}

/** A case for each target, for reports of tests. */
export function signatureCases(targets: readonly VerifiedTarget[], placeOf: PlaceOfBundle): ReportCase[] {
  return targets.map(({ name, error }): ReportCase => {
    if (!error) return { subject: name, name: 'signature', state: 'passed', problem: null };
    const failed = failedCase('signature', error, placeOf(name));
    return { ...failed, subject: name, state: error.code === 'SIGNATURE_MISSING' ? 'failed' : 'error' };
  });
}

/** The signatures for people. */
export function showSignatures(
  targets: readonly VerifiedTarget[],
  { screen, verbose }: { readonly screen: Screen; readonly verbose: boolean },
): string[] {
  const rows = targets.map(({ name, digest, held, signatures, error }): Row => {
    const texts = [
      ...(error ? errorTexts(error) : []),
      ...signatures.filter((one) => verbose || one.held).map(describe),
    ];
    const [text = '', ...more] = texts;
    const shown = held ? digest : null;
    return {
      mark: held ? 'ok' : 'failed',
      name,
      outcome: held ? 'signed' : 'unsigned',
      digest: shown,
      text,
      more,
    };
  });
  return formatRows(rows, screen);
}

function describe({ storage, digest, kind, predicateType, held, key, problem }: VerifiedSignature): Text {
  const what = `${withShortDigests(digest)} (${storage})`;
  if (held && key) return `by ${key.file}: ${what}`;
  if (kind === 'attestation')
    return [['dim', `attestation ${predicateType ?? 'of an unknown type'}: ${what}`]];
  return [['dim', kind === 'unreadable' ? `cannot be read: ${what}: ${problem}` : `by another key: ${what}`]];
}
