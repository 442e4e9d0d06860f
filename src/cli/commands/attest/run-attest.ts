import { loadBuiltBundle } from '../../../bundle/load-bundle.js';
import { BundlesError } from '../../../errors.js';
import { readFileCapped } from '../../../fs/read-file-capped.js';
import { parseJsonView } from '../../../oci/json-view.js';
import { optionOr } from '../../../open/machine.js';
import type { SignerOptions } from '../../../open/open-signer.js';
import type { Project } from '../../../project/project.js';
import { buildPinned, type PinnedBundle } from '../../../release/pinned-bundle.js';
import { type Attestation, type AttestOptions, attestDigest } from '../../../signing/attest-digest.js';
import { provenancePredicate, readPredicateTypes } from '../../../signing/predicate-types.js';
import { type BuildFacts, readBuildFacts } from '../../../signing/provenance/build-facts.js';
import { createProvenance, isSameBuild } from '../../../signing/provenance/provenance.js';
import type { Context } from '../../context.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { findTargets, showSignedTargets, signTargets } from '../../open/sign-targets.js';
import type { SignatureTarget } from '../../open/signature-targets.js';
import type { ProjectOptions } from '../../options/common-options.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';

export interface AttestCommandOptions extends ProjectOptions, SignerOptions {
  readonly predicate?: string;
  readonly type?: string;
  readonly builderId?: string;
  readonly sourceUri?: string;
  readonly sourceCommit?: string;
}

const longestPredicate = 4 * 1024 * 1024;

/** Makes sure that bundles are attested, and reports each. One failure does not stop the others. */
export async function runAttest(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: AttestCommandOptions },
): Promise<void> {
  const { context } = session;
  const subject = await readSubject(context, options);
  const found = await findTargets(context, words, options);
  if (subject.kind === 'provenance') found.targets.forEach(refuseReference);
  const [project] = found.projects;
  const attested = await signTargets(context, options, {
    ...found,
    did: 'attested',
    async sign({ signing, pinned }, { signer, place, signal }) {
      const what =
        subject.kind === 'file' ? subject : await provenanceOf(subject.build, { project, pinned }, signal);
      const { repository, digest } = await place();
      const storage = options.signatureStorage ?? signing?.storage;
      return attestDigest(repository, digest, signer, { ...what, storage, signal });
    },
  });
  const { predicateType } = subject;
  const { key, identity, bundles, summary } = attested;
  if (options.output === 'json')
    context.stdout.json({ version: 1, key, identity, predicateType, bundles, summary, error: null });
  else {
    const screen = createScreen(context, 'stdout', options);
    context.stdout.lines(showSignedTargets(attested, [[['dim', predicateType]]], screen));
  }
  session.exitCode = worstExitCode(bundles.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])));
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
