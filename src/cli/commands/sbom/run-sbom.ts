import { basename, join } from 'node:path';
import { createLimiter } from '../../../async/limiter.js';
import { type LoadedBundle, loadBundle } from '../../../bundle/load-bundle.js';
import { BundlesError } from '../../../errors.js';
import { makeDirectory } from '../../../fs/make-directory.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import type { Descriptor } from '../../../oci/descriptor.js';
import type { Digest } from '../../../oci/digest.js';
import { referenceName } from '../../../oci/reference.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import { type AttachedSbom, attachSbom } from '../../../signing/sbom/attach-sbom.js';
import { createSbom } from '../../../signing/sbom/sbom.js';
import { type SbomFormat, sbomEndings } from '../../../signing/sbom/sbom-types.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import type { BundleInputOptions } from '../../open/bundle-input.js';
import { type OpenedInputs, openInputs } from '../../open/load-bundle-inputs.js';
import { type NamedInput, namesOf, readNamedBundles, refuseTwins } from '../../open/named-bundles.js';
import type { CommonOptions } from '../../options/common-options.js';
import { createdOption } from '../../options/option-values.js';
import { shortDigest } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';

export interface SbomOptions extends CommonOptions, NetworkOptions, BundleInputOptions {
  readonly format: SbomFormat;
  readonly to?: string;
  readonly attach?: boolean;
}

/** What became of one bundle; keys are always there, null where they do not apply. */
interface SbomResult {
  readonly name: string;
  readonly reference: string | null;
  /** Of the bundle. */
  readonly digest: Digest | null;
  readonly format: SbomFormat;
  /** Of the document. */
  readonly sbom: Pick<Descriptor, 'mediaType' | 'digest' | 'size'> | null;
  readonly path: string | null;
  readonly referrer: AttachedSbom | null;
  /** Where it is neither written nor attached. */
  readonly document: object | null;
  readonly error: ReportedError | null;
}

interface Sboms {
  readonly inputs: OpenedInputs;
  readonly options: SbomOptions;
  /** The time of bundles without a created time. */
  readonly created: string | undefined;
}

const atOnce = 4;

/** Prints, writes or attaches the bill of materials of each bundle. One bundle's failure does not stop the others. */
export async function runSbom(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: SbomOptions },
): Promise<void> {
  const { context } = session;
  const { attach = false, to } = options;
  const created = createdOption(context, undefined);
  const subjects = await readNamedBundles(context, { words, verb: 'describe' }, options);
  const isPrinted = !attach && to === undefined && options.output === 'text';
  if (isPrinted && subjects.length !== 1) throw notOne(subjects.length);
  if (attach) for (const subject of subjects) refuseFiles(subject);
  if (to !== undefined) {
    refuseTwins(subjects.map(namesOf), 'describe');
    await makeDirectory(to);
  }
  const inputs = await openInputs(context, subjects, { ...options, fromRegistries: attach });
  try {
    const sboms: Sboms = { inputs, options, created };
    const limiter = createLimiter(atOnce);
    const made = await Promise.all(
      subjects.map((subject) => limiter.run(() => oneSbom(sboms, subject), inputs.signal)),
    );
    for (const { warning } of made) {
      if (warning !== undefined && !options.quiet) context.stderr.line(`warning: ${warning}`);
    }
    if (isPrinted) {
      const [only] = made;
      if (only?.failure !== undefined) throw only.failure;
      context.stdout.json(only?.result.document);
      return;
    }
    const results = made.map(({ result }) => result);
    if (options.output === 'json') context.stdout.json({ version: 1, bundles: results, error: null });
    else {
      const rows = results.map((result) => rowOf(result, options.verbose === true));
      context.stdout.lines(formatRows(rows, createScreen(context, 'stdout', options)));
    }
    session.exitCode = worstExitCode(results.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])));
  } finally {
    await inputs[Symbol.asyncDispose]();
  }
}

interface Made {
  readonly result: SbomResult;
  readonly failure?: unknown;
  readonly warning?: string | undefined;
}

async function oneSbom({ inputs, options, created }: Sboms, subject: NamedInput): Promise<Made> {
  const { format, to, attach = false } = options;
  const { signal } = inputs;
  const { name, repository, tag } = namesOf(subject);
  const where = repository && `${referenceName(repository)}${tag === undefined ? '' : `:${tag}`}`;
  const empty: SbomResult = {
    ...{ name, reference: where ?? null, digest: null, format },
    ...{ sbom: null, path: null, referrer: null, document: null, error: null },
  };
  try {
    const bundle = attach ? await loadPublished(inputs, subject) : await inputs.load(subject);
    const content = createSbom(bundle, { format, repository, created });
    const { mediaType, digest, size } = content.descriptor;
    const path = to === undefined ? null : join(to, `${name}${sbomEndings[format]}`);
    if (path !== null) await writeFileAtomic(path, content.bytes, { onlyIfChanged: true, signal });
    const referrer =
      attach && repository
        ? await attachSbom(
            inputs.repository(repository),
            {
              subject: bundle.image.manifest.descriptor,
              content,
              // Whatever the bundle is called here: the same document for everybody.
              fileName: `${basename(repository.repository)}${sbomEndings[format]}`,
            },
            { signal },
          )
        : null;
    const document =
      path === null && !attach ? (JSON.parse(new TextDecoder().decode(content.bytes)) as object) : null;
    const sbom = { mediaType, digest, size };
    const result = { ...empty, digest: bundle.digest, sbom, path, referrer, document };
    return { result, warning: attach ? undefined : otherThanPinned(subject, bundle) };
  } catch (error) {
    signal.throwIfAborted();
    return { result: { ...empty, error: reportedError(error) }, failure: error };
  }
}

async function loadPublished(inputs: OpenedInputs, subject: NamedInput): Promise<LoadedBundle> {
  const { store, wanted } = await inputs.published(subject);
  return loadBundle(store, wanted, { signal: inputs.signal });
}

/** The lock may pin an equivalent bundle, or be older than the sources. */
function otherThanPinned(subject: NamedInput, { digest }: LoadedBundle): string | undefined {
  if (subject.kind !== 'declared' || !subject.entry || subject.entry.digest === digest) return undefined;
  return `${subject.name}: the document describes what the sources give, ${digest}; the lock pins ${subject.entry.digest}`;
}

function rowOf({ name, reference, digest, path, referrer, error }: SbomResult, verbose: boolean): Row {
  if (error)
    return { mark: 'failed', name, outcome: 'failed', text: reference ?? '', more: errorTexts(error) };
  const attached = referrer?.action === 'attached';
  const shown = referrer && (verbose ? referrer.digest : shortDigest(referrer.digest));
  return {
    mark: attached ? 'published' : 'ok',
    name,
    outcome: referrer?.action ?? 'written',
    digest,
    text: path ?? reference ?? '',
    more: shown === null ? [] : [[['dim', `referrer ${shown}`]]],
  };
}

function notOne(count: number): BundlesError {
  return new BundlesError('USAGE', `Cannot print ${count} documents: standard output takes one`, {
    hint: 'Name one bundle, or write them with --to DIRECTORY, attach them with --attach, or print a list with --output json',
    details: { bundles: count },
  });
}

function refuseFiles(subject: NamedInput): void {
  if (subject.kind === 'declared' || subject.place.kind === 'registry') return;
  throw new BundlesError(
    'USAGE',
    `Cannot attach to ${JSON.stringify(subject.name)}: it is not on a registry`,
    {
      hint: 'Copy it to a registry first (npx tekton-bundles copy), then attach there; or write the document with --to DIRECTORY',
      details: { place: subject.name },
    },
  );
}
