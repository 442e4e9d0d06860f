import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { isBundlesError } from '../errors.js';
import type { Fetch } from '../http/serve/handler-transport.js';
import { type Announcement, answerChallenge } from '../http/serve/server-discovery.js';
import { version } from '../version.js';
import type { ApiContext } from './api/api-context.js';
import { addAuditRoutes } from './api/audit-routes.js';
import { addHealthRoutes } from './api/health-routes.js';
import { addPageRoutes, answerUnknownPath } from './api/page-routes.js';
import { createRequestChecker } from './api/request-checker.js';
import { createTokenGuard } from './api/token-guard.js';
import { addWorkflowRoutes, refuseOtherMethods } from './api/workflow-routes.js';
import { createAuditWriter } from './audit/audit-writer.js';
import { openSpool } from './audit/spool.js';
import { type BundleLookup, createBundleLookup } from './bundle-lookup.js';
import { databaseFailure } from './database/database-failure.js';
import type { CatalogDatabase } from './database/open-database.js';
import type { Log } from './log.js';
import { createMetrics } from './metrics.js';
import { databaseAway, ProblemError, toResponse, validationProblem } from './problem.js';
import type { CatalogMode } from './serve-options.js';

export interface CatalogOptions {
  /** Migrated; stays the caller's to close, after the catalog. */
  readonly database: CatalogDatabase;
  /** Directory of events that wait for the database; used by one process at a time. */
  readonly spool: string;
  /** Default `lenient`. */
  readonly mode?: CatalogMode;
  /** The token that clients have to send, as a bearer token or as the password of any user. Default: none. */
  readonly token?: string;
  /** How it was announced, so that findRunningCatalog can distinguish it from another server on its port. */
  readonly announcement?: Announcement;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Where the pages for people look for bundles. Default: nowhere. */
  readonly bundles?: BundleLookup;
  /** Printed below every page. */
  readonly footer?: string;
}

/** The workflow catalog and audit trail of DataStorage as a `Fetch`. */
export interface Catalog extends AsyncDisposable {
  readonly fetch: Fetch;
  /** From now on `/health/ready` reports not ready; requests are still answered. */
  announceEnd(): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** @throws NOT_WRITABLE, DISK_FULL */
export async function createCatalog(options: CatalogOptions): Promise<Catalog> {
  const {
    database,
    mode = 'lenient',
    clock = systemClock,
    log = () => undefined,
    announcement,
    token,
  } = options;
  const [spool, checker] = await Promise.all([openSpool(options.spool), createRequestChecker()]);
  const metrics = createMetrics();
  const audit = createAuditWriter({ database, spool, clock, log });
  const underWay = new Set<Promise<void>>();
  const later = (task: () => Promise<void>) => {
    const running = task()
      .catch((error: unknown) => log('error', 'a task after an answer failed', { error }))
      .finally(() => underWay.delete(running));
    underWay.add(running);
  };
  let ending = false;
  const context: ApiContext = { database, audit, checker, metrics, clock, mode, later };
  const app = new Hono();
  app.use(async (c, next) => {
    const started = clock.now();
    await next();
    const ms = clock.now() - started;
    const route = `${c.req.method} ${routePath(c, -1)}`;
    const { status } = c.res;
    metrics.count('bundles_catalog_requests_total', { route, status: String(status) });
    metrics.observe('bundles_catalog_request_duration_seconds', { route }, ms / 1000);
    const fields = { method: c.req.method, path: c.req.path.slice(0, 300), status, ms };
    log(status >= 500 ? 'error' : 'info', 'request', c.error ? { ...fields, error: c.error } : fields);
  });
  if (token !== undefined) app.use(createTokenGuard(token));
  app.use(async ({ req }, next) => {
    if (!/%00/.test(req.url)) return next();
    throw validationProblem('the address holds a NUL character');
  });
  addHealthRoutes(app, context, { spool, isClosing: () => ending });
  addWorkflowRoutes(app, context);
  addAuditRoutes(app, context);
  const bundles = options.bundles ?? createBundleLookup({ registry: undefined, layouts: undefined, clock });
  refuseOtherMethods(app);
  const pages = { bundles, footer: options.footer ?? `bundles ${version}` };
  addPageRoutes(app, context, pages);
  app.notFound((c) => answerUnknownPath(c, pages));
  app.onError((error, c) => toResponse(inAnswerTo(c, toProblem(error))));

  const close = async () => {
    ending = true;
    await Promise.all(underWay);
    await audit.close();
  };
  return {
    async fetch(request) {
      const response = await app.fetch(request);
      if (announcement !== undefined && new URL(request.url).pathname === '/health/live') {
        const proof = await answerChallenge(request, announcement);
        if (proof) response.headers.set(...proof);
      }
      response.headers.set('x-content-type-options', 'nosniff');
      return response;
    },
    announceEnd() {
      ending = true;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (databaseFailure(error) === 'away') return databaseAway(error);
  if (databaseFailure(error) === 'value') return validationProblem('a value cannot be stored', error);
  if (isBundlesError(error, 'DISK_FULL') || isBundlesError(error, 'NOT_WRITABLE')) {
    const detail = 'The database is away and nothing can be kept aside';
    return new ProblemError(500, 'database_error', 'Database Error', detail, { cause: error });
  }
  const detail = 'The catalog failed; its log has the reason';
  return new ProblemError(500, 'internal-error', 'Internal Server Error', detail, { cause: error });
}

/** Who names a request gets its name back, and the path of a request that was not valid. */
function inAnswerTo({ req }: Context, problem: ProblemError): ProblemError {
  const id = req.header('x-request-id');
  if (id === undefined || problem.slug !== 'validation-error' || !/^[\x21-\x7e]{1,200}$/.test(id))
    return problem;
  const { status, slug, title, message, headers, members, cause } = problem;
  return new ProblemError(status, slug, title, message, {
    headers: { ...headers, 'x-request-id': id },
    members: { instance: req.path, ...members },
    cause,
  });
}
