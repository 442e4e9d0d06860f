import { selectBundles } from '../../../ensure/select-bundles.js';
import { BundlesError } from '../../../errors.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import type { Digest } from '../../../oci/digest.js';
import { openSigningKey } from '../../../open/signing-keys.js';
import type { BundleSpec } from '../../../project/project.js';
import { readSourceFiles } from '../../../project/sources/source-files.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import { type SignedObject, signSource } from '../../../signing/objects/sign-source.js';
import {
  formatVerificationPolicy,
  verificationPolicy,
} from '../../../signing/objects/verification-policy.js';
import type { Source } from '../../../tekton/objects/object.js';
import { sideOf } from '../../../tekton/objects/older-fields.js';
import type { Context } from '../../context.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { hiddenPrompt } from '../../open/ask-password.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { filesAt, readInputFiles } from '../../options/read-input-files.js';
import { count, totalsLine } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import { createScreen } from '../../output/terminal.js';
import { wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface SignObjectsOptions extends ProjectOptions {
  readonly key?: string;
  readonly keyless?: boolean;
  readonly tektonVersion?: string;
  readonly policy?: string;
}

interface SignedFile {
  readonly file: string;
  readonly changed: boolean;
  readonly objects: readonly SignedObject[];
  readonly error: ReportedError | null;
}

interface Summary {
  readonly signed: number;
  readonly held: number;
  readonly skipped: number;
  /** Files. */
  readonly failed: number;
}

interface SignObjectsDocument {
  readonly version: 1;
  readonly key: Digest;
  /** The version of Tekton whose types are hashed. */
  readonly tekton: string;
  readonly files: readonly SignedFile[];
  readonly policy: string | null;
  readonly summary: Summary;
  readonly error: null;
}

/** Writes signatures into the sources themselves, for clusters that verify Tasks and Pipelines. No network. */
export async function runSignObjects(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: SignObjectsOptions },
): Promise<void> {
  const { context } = session;
  const { tektonVersion = '1.14' } = options;
  const side = sideOf(tektonVersion);
  if (side === undefined) {
    throw new BundlesError('USAGE', `Cannot use --tekton-version ${JSON.stringify(tektonVersion)}`, {
      hint: 'Write the version of Tekton Pipelines in the cluster, e.g. 1.12 or v1.14.1',
    });
  }
  if (options.key === undefined || options.keyless) {
    throw new BundlesError('USAGE', 'Cannot sign objects without a key', {
      hint: 'Give --key FILE: clusters verify objects by keys alone, not by certificates',
    });
  }
  const { sources, specs } = await readObjects(context, words, options);
  if (options.policy !== undefined && specs.length === 0) {
    throw new BundlesError('USAGE', 'Cannot write a policy for files: it names the repositories of bundles', {
      hint: 'Name declared bundles, or leave --policy out',
    });
  }
  const key = await openSigningKey(context, options.key, { ask: hiddenPrompt(context) });
  const { signal } = context;
  const files: SignedFile[] = [];
  for (const source of sources) {
    try {
      const { bytes, objects } = signSource(source, key, side);
      const changed = bytes !== source.bytes;
      if (changed) await writeFileAtomic(source.path, bytes, { signal });
      files.push({ file: source.path, changed, objects, error: null });
    } catch (error) {
      signal.throwIfAborted();
      files.push({ file: source.path, changed: false, objects: [], error: reportedError(error) });
    }
  }
  if (options.policy !== undefined) {
    const policy = verificationPolicy(
      specs.map(({ reference }) => reference),
      key.publicKey,
    );
    await writeFileAtomic(options.policy, formatVerificationPolicy(policy), { onlyIfChanged: true, signal });
  }
  const document: SignObjectsDocument = {
    version: 1,
    key: key.publicKey.fingerprint,
    tekton: side,
    files,
    policy: options.policy ?? null,
    summary: summaryOf(files),
    error: null,
  };
  if (options.output === 'json') context.stdout.json(document);
  else showFiles(context, document, options);
  session.exitCode = worstExitCode(files.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])));
}

/** The sources of declared bundles, each once, or the files that are named. */
async function readObjects(
  context: Context,
  words: readonly string[],
  options: SignObjectsOptions,
): Promise<{ readonly sources: readonly Source[]; readonly specs: readonly BundleSpec[] }> {
  const isFile = (word: string) => /[\\/]|\.(?:ya?ml|json)$/.test(word) || word === '.';
  const named = words.filter(isFile);
  if (named.length > 0) {
    const name = words.find((word) => !isFile(word));
    if (name !== undefined) {
      throw new BundlesError('USAGE', 'Cannot sign the objects of bundles and of files in one run', {
        hint: `A file or directory has a / or an extension; ${JSON.stringify(name)} has neither`,
      });
    }
    const paths = (await Promise.all(named.map(filesAt))).flat();
    return { sources: await readInputFiles(context, [...new Set(paths)]), specs: [] };
  }
  const { project } = await openProject(context, options);
  const specs = selectBundles(project, words);
  const sources = new Map<string, Source>();
  for (const spec of specs) {
    for (const file of await readSourceFiles(project, spec, { signal: context.signal }))
      sources.set(file.path, file);
  }
  return { sources: [...sources.values()], specs };
}

function summaryOf(files: readonly SignedFile[]): Summary {
  const objects = files.flatMap((file) => file.objects);
  const number = (action: SignedObject['action']) => objects.filter((one) => one.action === action).length;
  const failed = files.filter(({ error }) => error !== null).length;
  return { signed: number('signed'), held: number('held'), skipped: number('skipped'), failed };
}

function showFiles(context: Context, document: SignObjectsDocument, options: SignObjectsOptions): void {
  const screen = createScreen(context, 'stdout', options);
  const marks = { signed: 'published', held: 'ok', skipped: 'none' } as const;
  const why = { signed: '', held: 'by this key already', skipped: 'clusters verify no objects of this kind' };
  const rows = document.files.flatMap(({ file, objects, error }): Row[] => {
    const [text = '', ...more] = error ? errorTexts(error) : [];
    if (error) return [{ mark: 'failed', name: file, outcome: 'failed', text, more }];
    return objects.map(({ kind, name, action }) => ({
      ...{ mark: marks[action], name: `${kind} ${name}`, outcome: action },
      text: why[action] || file,
    }));
  });
  const { summary, policy, tekton } = document;
  const totals = totalsLine({ what: count(document.files.length, 'file'), counts: { ...summary } });
  const since = { '1.9': 'before 1.10', '1.13': '1.10 to 1.13' }[tekton] ?? '1.14 and later';
  context.stdout.lines([
    ...formatRows(rows, screen),
    '',
    ...wrap([['bold', totals], ` (Tekton ${since})`], { indent: 0 }, screen),
    ...(policy === null ? [] : [`policy: ${policy}`]),
  ]);
}
