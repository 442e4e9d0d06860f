import { forgetCatalogLogin, keepCatalogLogin } from '../../../catalog/catalog-logins.js';
import { createDataStorageClient } from '../../../catalog/data-storage/data-storage-client.js';
import { BundlesError } from '../../../errors.js';
import { openConnection } from '../../../open/open-connection.js';
import { version } from '../../../version.js';
import type { Context } from '../../context.js';
import { readPassword } from '../../open/read-password.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { LoginOptions } from './run-login.js';

export interface CatalogLoginRequest<Options extends CommonOptions> {
  /** What was named beside the catalog, which is one too many. */
  readonly registry: string | undefined;
  readonly url: string;
  readonly options: Options;
}

/**
 * Trusts a catalog on this machine: from now on its token is sent to it though only bundles.yaml names it. With
 * --password-stdin the token is proven and kept too; without, it comes from DATASTORAGE_TOKEN.
 */
export async function runCatalogLogin(
  { context }: Session,
  { registry, url, options }: CatalogLoginRequest<LoginOptions>,
): Promise<void> {
  requireAlone(registry, options);
  requireAddress(url);
  const token = options.passwordStdin ? await readPassword(context) : undefined;
  if (token !== undefined) context.hide(() => [token]);
  const verified = options.verify && token !== undefined;
  if (verified) await verify(context, { url, token, options });
  const file = await keepCatalogLogin(url, token, context);
  const { origin } = new URL(url);
  const kept = token === undefined ? 'its token comes from DATASTORAGE_TOKEN' : 'with its token';
  if (options.output === 'json')
    context.stdout.json({
      version: 1,
      catalog: origin,
      file,
      token: token !== undefined,
      verified,
      error: null,
    });
  else
    context.stdout.line(
      `trusting the catalog ${origin}, ${kept}; kept in ${file} (readable by its owner, not encrypted)`,
    );
}

/** Removes a catalog; it is not an error if it was not stored. */
export async function runCatalogLogout(
  { context }: Session,
  { registry, url, options }: CatalogLoginRequest<CommonOptions>,
): Promise<void> {
  requireAlone(registry, {});
  requireAddress(url);
  const file = await forgetCatalogLogin(url, context);
  const { origin } = new URL(url);
  if (options.output === 'json')
    context.stdout.json({ version: 1, catalog: origin, file: file ?? null, error: null });
  else
    context.stdout.line(
      file === undefined
        ? `not logged in to the catalog ${origin}`
        : `logged out of the catalog ${origin}: removed from ${file}`,
    );
}

async function verify(
  context: Context,
  { url, token, options }: { readonly url: string; readonly token: string; readonly options: LoginOptions },
): Promise<void> {
  const connection = await openConnection(context, { options, patience: 'full', registries: [] });
  try {
    const { clock, signal } = context;
    const userAgent = `tekton-bundles/${version}`;
    const client = createDataStorageClient({ clock, send: connection.send, url, token, userAgent });
    await client.listWorkflows({ limit: 1 }, { signal });
  } finally {
    await connection.close();
  }
}

function requireAlone(
  registry: string | undefined,
  { username, trustConfig }: Pick<LoginOptions, 'username' | 'trustConfig'>,
): void {
  if (registry === undefined && username === undefined && trustConfig === undefined) return;
  const beside = username === undefined ? '--trust-config' : 'a user';
  const found = registry === undefined ? beside : `the registry ${JSON.stringify(registry.slice(0, 100))}`;
  throw new BundlesError('USAGE', `Cannot use --catalog: ${found} is given too`, {
    hint: 'A catalog has a token and no user: leave out everything but --catalog URL',
  });
}

function requireAddress(url: string): void {
  if (/^https?:/i.test(url) && URL.canParse(url) && new URL(url).username === '') return;
  throw new BundlesError('USAGE', `Cannot log in to the catalog ${JSON.stringify(url.slice(0, 100))}`, {
    hint: 'Write its address: --catalog https://HOST or http://HOST:PORT',
  });
}
