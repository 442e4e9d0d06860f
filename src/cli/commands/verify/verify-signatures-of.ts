import { createLimiter } from '../../../async/limiter.js';
import { withSharedSignal } from '../../../async/shared-signal.js';
import type { Digest } from '../../../oci/digest.js';
import { formatReference } from '../../../oci/reference.js';
import type { Connection } from '../../../open/connect.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import {
  attestationMissing,
  signatureMissing,
  type Trusted,
  type VerifiedSignature,
  verifyAttestations,
  verifySignatures,
} from '../../../signing/verify-signatures.js';
import type { SignatureTarget } from '../../open/signature-targets.js';
import { withShortDigests } from '../../output/amounts.js';
import { failedCase, type PlaceOfBundle, type ReportCase } from '../../output/ci/report-case.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import type { Text } from '../../output/wrap.js';

/** What the signatures of one digest came to. */
export interface VerifiedTarget {
  readonly name: string;
  readonly reference: string;
  readonly digest: Digest | null;
  /** Whether a signature by one of the keys holds, or an attestation of each type that is wanted. */
  readonly held: boolean;
  /** All that were found, in both forms, attestations included. */
  readonly signatures: readonly VerifiedSignature[];
  readonly requests: number;
  /** SIGNATURE_MISSING or ATTESTATION_MISSING where none holds, or what kept them from being read. */
  readonly error: ReportedError | null;
}

const atOnce = 16;

/** Verifies the signatures of each target, or its attestations of the types that are wanted; one failure does not stop the others. */
export async function verifySignaturesOf(
  { registry }: Pick<Connection, 'registry'>,
  targets: readonly SignatureTarget[],
  keys: readonly Trusted[],
  { wanted, ...call }: { readonly wanted: readonly (readonly string[])[]; readonly signal: AbortSignal },
): Promise<VerifiedTarget[]> {
  const { signal } = withSharedSignal(call);
  registry.announce(targets.map(({ reference }) => reference));
  const limiter = createLimiter(atOnce);
  const verify = async ({ name, reference, digest: known }: SignatureTarget): Promise<VerifiedTarget> => {
    let requests = 0;
    let digest = known;
    const about = { name, reference: formatReference(reference) };
    try {
      const repository = registry.repository(reference, { onRequest: () => void requests++ });
      digest ??= (await repository.resolve(reference.tag ?? '', { signal })).digest;
      const isAttested = wanted.length > 0;
      const report = isAttested
        ? await verifyAttestations(repository, digest, keys, { wanted, signal })
        : await verifySignatures(repository, digest, keys, { signal });
      const { held, signatures } = report;
      const facts = { digest, signatures, keys };
      const missing = held
        ? undefined
        : isAttested
          ? attestationMissing(name, { ...facts, wanted })
          : signatureMissing(name, facts);
      const error = missing ? reportedError(missing) : null;
      return { ...about, digest, held, signatures, requests, error };
    } catch (error) {
      signal.throwIfAborted();
      const nothing = { held: false, signatures: [] };
      return { ...about, digest: digest ?? null, ...nothing, requests, error: reportedError(error) };
    }
  };
  return Promise.all(targets.map((target) => limiter.run(() => verify(target), signal)));
}

/** What was demanded of the targets. */
export type Demanded = 'signature' | 'attestation';

/** A case for each target, for reports of tests. */
export function signatureCases(
  targets: readonly VerifiedTarget[],
  demanded: Demanded,
  placeOf: PlaceOfBundle,
): ReportCase[] {
  return targets.map(({ name, error }): ReportCase => {
    if (!error) return { subject: name, name: demanded, state: 'passed', problem: null };
    const failed = failedCase(demanded, error, placeOf(name));
    return { ...failed, subject: name, state: isMissing(error) ? 'failed' : 'error' };
  });
}

const isMissing = ({ code }: ReportedError) => code === 'SIGNATURE_MISSING' || code === 'ATTESTATION_MISSING';

/** The signatures for people. */
export function showSignatures(
  targets: readonly VerifiedTarget[],
  {
    screen,
    verbose,
    demanded,
  }: { readonly screen: Screen; readonly verbose: boolean; readonly demanded: Demanded },
): string[] {
  const [good, bad] = demanded === 'signature' ? ['signed', 'unsigned'] : ['attested', 'unattested'];
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
      outcome: held ? good : bad,
      digest: shown,
      text,
      more,
    };
  });
  return formatRows(rows, screen);
}

function describe(signature: VerifiedSignature): Text {
  const { storage, digest, kind, predicateType, held, key, certificate, problem } = signature;
  const what = `${withShortDigests(digest)} (${storage})`;
  const whose = key?.file ?? (certificate ? `${certificate.identity} (${certificate.issuer})` : undefined);
  const type = kind === 'attestation' ? `attestation ${predicateType ?? 'of an unknown type'}` : '';
  const by = whose !== undefined ? `by ${whose}` : type === '' && problem === null ? 'by another key' : '';
  const failed = problem === null ? '' : kind === 'unreadable' ? 'cannot be read' : 'does not verify';
  const words = [type, by, failed].filter((word) => word !== '').join(' ');
  const text = `${words}: ${what}${problem === null ? '' : `: ${problem}`}`;
  return held ? text : [['dim', text]];
}
