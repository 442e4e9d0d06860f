import type { LintProjectOptions } from './lint.js';
import type { LintDocument } from './lint-document.js';

/**
 * Checks the sources of the bundles that a project declares, each bundle as a whole, and what bundles.yaml states about them. It
 * is what the command `bundles lint` runs, by the same rules and settings, and sends no request. With `fix` it corrects files;
 * without, it writes nothing.
 *
 * Findings do not reject the call: they are in the result, and `error` is LINT_FAILED where the command would fail.
 *
 * @returns the document that `bundles lint --output json` prints
 * @throws BundlesError: CONFIG_NOT_FOUND, CONFIG_INVALID, USAGE for a name that is not declared, SOURCE_NOT_FOUND,
 *   SOURCE_TOO_LARGE, NOT_READABLE, KEY_INVALID, NOT_WRITABLE; the signal's reason where it is aborted
 * @example
 * ```ts
 * import { lint } from 'tekton-bundles/lint';
 *
 * const { summary, error } = await lint({ config: 'bundles.yaml', severities: { 'unpinned-image': 'off' } });
 * console.log(summary.files, summary.errors, error); // 2 0 null
 * ```
 */
export async function lint(options: LintProjectOptions = {}): Promise<LintDocument> {
  const loaded = await import('./lint.js');
  return loaded.lint(options);
}
