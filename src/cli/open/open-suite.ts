import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundlesError, toBundlesError } from '../../errors.js';
import { catalogToken } from '../../open/catalog-token.js';
import { optionOr } from '../../open/machine.js';
import { openKubeconfig } from '../../open/open-kubeconfig.js';
import { showExchange } from '../../open/wire-log.js';
import { startWatchdog, type Watchdog } from '../../process/watchdog.js';
import { type PreparedWorkflows, prepareWorkflows } from '../../testing/prepare-workflows.js';
import type { Context } from '../context.js';
import type { SuiteOptions } from '../options/suite-options.js';

/** Registry and workflows for a suite, and the variables that name them. */
export interface OpenSuite extends AsyncDisposable {
  readonly prepared: PreparedWorkflows;
  readonly variables: Readonly<Record<string, string>>;
  readonly watchdog: Watchdog;
}

/** Prepares everything in a temporary directory, which is removed afterwards, also when this process is killed. */
export async function openSuite(context: Context, options: SuiteOptions): Promise<OpenSuite> {
  const { environment, signal } = context;
  const directory = join(tmpdir(), `bundles-suite-${randomBytes(6).toString('hex')}`);
  // Before there is anything that it has to remove: no kill comes between the two.
  const watchdog = startWatchdog({ directories: [directory], environment });
  const remove = async () => {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    await watchdog.dismiss();
  };
  try {
    await mkdir(directory, { mode: 0o700 });
    const cluster = options.cluster === 'none' ? undefined : await openKubeconfig(context, options.context);
    const project = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
    const { registry } = options;
    const catalog = options.catalog === false ? 'none' : options.catalog;
    const token =
      catalog === undefined || !URL.canParse(catalog)
        ? undefined
        : await catalogToken(context, catalog, { options: { ...options, catalog }, connection: undefined });
    const prepared = await prepareWorkflows({
      project,
      registry,
      allowHosts: options.allowHost,
      catalog,
      catalogToken: token,
      cluster,
      directory,
      environment,
      signal,
      onExchange: options.debug ? (one) => context.stderr.lines(showExchange(one)) : undefined,
    });
    const variables = {
      BUNDLES_RESULT: prepared.file,
      BUNDLES_REGISTRY: prepared.registry,
      ...(prepared.catalog === null ? {} : { DATASTORAGE_URL: prepared.catalog }),
    };
    const end = async () => {
      await prepared[Symbol.asyncDispose]();
      await remove();
    };
    return { prepared, variables, watchdog, [Symbol.asyncDispose]: end };
  } catch (error) {
    await remove();
    throw options.catalog === undefined ? withoutCatalog(error) : error;
  }
}

/** The package of the embedded catalog is optional, and so is the catalog of a suite. */
function withoutCatalog(error: unknown): unknown {
  const { code, message, hint, details } = toBundlesError(error);
  if (code !== 'PACKAGE_MISSING' || details?.package !== '@electric-sql/pglite') return error;
  return new BundlesError(code, message, {
    hint: `${hint}; or do without a catalog: --no-catalog`,
    details,
    cause: error,
  });
}
