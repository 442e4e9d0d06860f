import { findCatalogLogin } from '../catalog/catalog-logins.js';
import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { hostKey } from '../oci/registry-host.js';
import type { Connection } from './connect.js';
import { optionOr, type RunContext } from './machine.js';
import { distrustedSettings } from './registry-trust.js';

export interface CatalogTokenOptions {
  /** Of --catalog, where the command has it. */
  readonly catalog?: string;
  readonly catalogTokenFile?: string;
}

/**
 * The bearer token for a catalog: of --catalog-token-file, else of DATASTORAGE_TOKEN, else what `login --catalog` keeps.
 * It goes to hosts that a flag, the environment or that login has named, never to one that only a file of the checkout names.
 *
 * @throws TRUST_REQUIRED, USAGE, NOT_READABLE, CREDENTIALS_INVALID
 */
export async function catalogToken(
  context: RunContext,
  url: string,
  {
    options,
    connection,
  }: { readonly options: CatalogTokenOptions; readonly connection: Connection | undefined },
): Promise<string | undefined> {
  const login = await findCatalogLogin(url, context);
  const given = await givenToken(context, options);
  const token = given ?? login?.token;
  if (token === undefined) return undefined;
  context.hide?.(() => [token]);
  const named = optionOr(options.catalog, context, 'BUNDLES_CATALOG');
  if (login === undefined && !isSameOrigin(named, url)) throw unnamedCatalog(url);
  const host = new URL(url).host;
  const distrusted = connection?.distrusted.get(hostKey(host));
  if (distrusted) throw distrustedSettings(`send the token to the catalog ${host}`, host, distrusted);
  return token;
}

/** What the user gave for this run, for whatever catalog. @throws USAGE, NOT_READABLE */
export async function givenToken(
  { environment, signal }: RunContext,
  { catalogTokenFile: file }: CatalogTokenOptions,
): Promise<string | undefined> {
  if (file === undefined) return environment.DATASTORAGE_TOKEN?.trim() || undefined;
  return readTokenFile(file, { option: '--catalog-token-file', signal });
}

function isSameOrigin(named: string | undefined, url: string): boolean {
  if (named === undefined || !/^https?:/i.test(named) || !URL.canParse(named)) return false;
  return new URL(named).origin === new URL(url).origin;
}

function unnamedCatalog(url: string): BundlesError {
  const { origin } = new URL(url);
  return new BundlesError(
    'TRUST_REQUIRED',
    `Cannot send the token of the catalog to ${JSON.stringify(origin)}: only bundles.yaml names that host, and anybody may have written it`,
    {
      hint: `Set BUNDLES_CATALOG=${url} with DATASTORAGE_TOKEN in the job, or pass --catalog ${url}; on your own machine, run login --catalog ${url} once`,
      details: { url },
    },
  );
}

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
