import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';

/** A token, or a file mounted by a cluster, is never longer. */
const longestToken = 64 * 1024;

/** The token of a file, without white space around it; `option` names the file, for the message. @throws USAGE */
export async function readTokenFile(
  file: string,
  { option, signal }: { readonly option: string; readonly signal: AbortSignal },
): Promise<string> {
  const limits = { limit: longestToken, missing: 'USAGE', tooLarge: 'USAGE' } as const;
  const token = new TextDecoder().decode(await readFileCapped(file, { ...limits, signal })).trim();
  if (token !== '') return token;
  throw new BundlesError('USAGE', `Cannot use the token in ${JSON.stringify(file)}: the file is empty`, {
    hint: `Put the token of the catalog into it, or leave out ${option}`,
  });
}
