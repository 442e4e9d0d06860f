import { BundlesError, type ErrorCode, errorCodes } from '../../../errors.js';
import { explainCode, showCode } from '../../help/explain-page.js';
import { helpWidth } from '../../help/lay-out.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import { didYouMean } from '../../suggest.js';

/** `bundles explain CODE`: what an error means and what to do, offline. @throws USAGE */
export function runExplainCode(
  { context }: Session,
  { word, options }: { readonly word: string; readonly options: CommonOptions },
): void {
  const code = errorCodes.find((known): known is ErrorCode => known === word);
  if (code === undefined) {
    const meant = didYouMean(word, errorCodes);
    throw new BundlesError(
      'USAGE',
      `Cannot explain ${JSON.stringify(word)}: there is no error of this code`,
      {
        hint:
          meant === undefined
            ? 'npx tekton-bundles help exit-codes lists all codes'
            : `Did you mean ${meant}?`,
      },
    );
  }
  const explanation = explainCode(code);
  if (options.output === 'json') context.stdout.json({ version: 1, ...explanation, error: null });
  else context.stdout.text(showCode(explanation, helpWidth(context.stdout)));
}
