import { dirname } from 'node:path';
import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import { contextOf, type Machine, optionOr, type RunContext } from '../../open/machine.js';
import { keepProject } from '../../open/own-values.js';
import { lintProject } from '../../project/lint-project.js';
import { readProject } from '../../project/read-project.js';
import { applyFixes } from '../../tekton/lint/findings/apply-fixes.js';
import type { Finding } from '../../tekton/lint/findings/finding.js';
import { lintSource } from '../../tekton/lint/lint-source.js';
import { type LintOptions, withSettings } from '../../tekton/lint/lint-sources.js';
import type { Source } from '../../tekton/objects/object.js';
import { selectBundles } from '../select-bundles.js';
import { type LintDocument, type LintResult, lintDocument, lintError } from './lint-document.js';

/** The options of `lint`. Those of the rules win over `lint:` of bundles.yaml. All may be left out. */
export interface LintProjectOptions extends LintOptions, CallOptions {
  /** The bundles.yaml. Default: `BUNDLES_CONFIG`, else `bundles.yaml` in the working directory. */
  readonly config?: string | undefined;
  /** Bundles to check. Default: all. */
  readonly names?: readonly string[] | undefined;
  /** Corrects the files where a finding has one certain correction. Default false. */
  readonly fix?: boolean | undefined;
  /** More warnings than this fail. Default: warnings never do. */
  readonly maxWarnings?: number | undefined;
  /** Files of public keys: each Task and Pipeline has to carry a signature by one of them. Default: none is demanded. */
  readonly key?: readonly string[] | undefined;
  /** The Tekton Pipelines of the cluster that checks those signatures, e.g. `1.12`. Default `1.14`. */
  readonly tektonVersion?: string | undefined;
  /** Source of variables. Default: this process and its user. */
  readonly machine?: Machine | undefined;
}

/** What the rules found once, and with which settings. */
export interface LintLook extends Omit<LintResult, 'fixed' | 'error'> {
  readonly settings: LintOptions;
}

/** Linting with everything that it needs loaded. `lint-on-demand.ts` has its contract. */
export async function lint(options: LintProjectOptions = {}): Promise<LintDocument> {
  const context = contextOf(options);
  return lintDocument(await lintWith(context, options, () => lookAtProject(context, options)));
}

/** Looks, corrects where that is wanted, and looks again. @throws USAGE, KEY_INVALID, NOT_WRITABLE, and what `look` throws */
export async function lintWith(
  context: RunContext,
  options: Pick<LintProjectOptions, 'fix' | 'maxWarnings' | 'key' | 'tektonVersion'> & {
    /** The directory of the checkout that is judged, whose keys count for nothing. Default: that of `config`. */
    readonly judged?: string | undefined;
  } & Pick<LintProjectOptions, 'config'>,
  look: () => Promise<LintLook>,
): Promise<LintResult> {
  const withSignatures = await signatureLook(context, options);
  const all = async () => withSignatures(await look());
  let looked = await all();
  const fixed = options.fix ? await fix(looked) : 0;
  if (fixed > 0) looked = await all();
  return { ...looked, fixed, error: lintError(looked, options) };
}

/** @throws CONFIG_NOT_FOUND, CONFIG_INVALID, USAGE for an unknown name, SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, NOT_READABLE */
export async function lookAtProject(context: RunContext, options: LintProjectOptions): Promise<LintLook> {
  const { signal } = context;
  const { names = [], apiFields, features, ignore = [], severities } = options;
  const project = keepProject(context, await readProject(configOf(context, options), {}, { signal }));
  const settings: LintOptions = {
    apiFields: apiFields ?? project.lint.apiFields,
    features: features ?? project.lint.features,
    ignore: [...project.lint.ignore, ...ignore],
    severities: { ...project.lint.severities, ...severities },
  };
  const specs = selectBundles(project, names);
  const { files, ...looked } = await lintProject(project, specs, { ...settings, signal });
  return { ...looked, sources: files, settings };
}

function configOf(context: RunContext, { config }: LintProjectOptions): string {
  return optionOr(config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
}

/** What adds whether keys that are given have signed the objects themselves. @throws USAGE, KEY_INVALID */
async function signatureLook(
  context: RunContext,
  options: Parameters<typeof lintWith>[1],
): Promise<(looked: LintLook) => LintLook> {
  const { key: files = [], tektonVersion = '1.14' } = options;
  if (files.length === 0) {
    if (options.tektonVersion === undefined) return (looked) => looked;
    throw new BundlesError('USAGE', 'Cannot use --tekton-version without --key', {
      hint: 'Add --key FILE: the version decides which signatures hold',
    });
  }
  const { sideOf } = await import('../../tekton/objects/older-fields.js');
  const { openTrustedKeys } = await import('../../open/signing-keys.js');
  const { lintSignatures } = await import('../../signing/objects/lint-signatures.js');
  const side = sideOf(tektonVersion);
  if (side === undefined) {
    throw new BundlesError('USAGE', `Cannot use --tekton-version ${JSON.stringify(tektonVersion)}`, {
      hint: 'Write the version of Tekton Pipelines in the cluster, e.g. 1.12 or v1.14.1',
    });
  }
  const judged = 'judged' in options ? options.judged : dirname(configOf(context, options));
  const keys = (await openTrustedKeys(files, { signal: context.signal, judged })).map(({ key }) => key);
  return (looked) => {
    const { sources, settings } = looked;
    const objects = sources.flatMap((source) => lintSource(source, settings).objects);
    const found = withSettings(lintSignatures(objects, sources, { keys, side }), settings);
    const isNew = (finding: Finding) =>
      !looked.findings.some(
        ({ rule, file, line }) => rule === finding.rule && file === finding.file && line === finding.line,
      );
    return { ...looked, findings: [...looked.findings, ...found.filter(isNew)] };
  };
}

async function fix({
  sources,
  findings,
}: { readonly sources: readonly Source[] } & Pick<LintLook, 'findings'>) {
  let total = 0;
  for (const { path, bytes } of sources) {
    const own = findings.filter(({ file, fix: found }) => file === path && found !== null);
    if (own.length === 0) continue;
    const { bytes: fixed, applied } = applyFixes(bytes, own);
    await writeFileAtomic(path, fixed);
    total += applied;
  }
  return total;
}
