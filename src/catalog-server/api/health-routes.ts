import type { Hono } from 'hono';
import { shorten } from '../../http/shorten.js';
import type { Spool } from '../audit/spool.js';
import type { ApiContext } from './api-context.js';

/** Whether it is well, and its counters. No token is required here. */
export function addHealthRoutes(
  app: Hono,
  { database, metrics, mode }: ApiContext,
  { spool, isClosing }: { readonly spool: Spool; readonly isClosing: () => boolean },
): void {
  const failure = async (): Promise<string | undefined> => {
    try {
      await database.ping();
      return undefined;
    } catch (error) {
      return shorten(error instanceof Error ? error.message : String(error)) || 'no answer';
    }
  };
  // The service names no type, and what guesses one for it takes these lines for text.
  const type = mode === 'strict' ? 'application/json' : 'text/plain; charset=utf-8';
  const answer = (body: object, { status = 200 } = {}) =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });
  app.get('/health', async () => {
    const error = await failure();
    return error === undefined
      ? answer({ status: 'healthy', database: 'connected' })
      : answer({ status: 'unhealthy', database: 'disconnected', error }, { status: 503 });
  });
  app.get('/health/ready', async () => {
    if (isClosing()) return answer({ status: 'not_ready', reason: 'shutting_down' }, { status: 503 });
    const error = await failure();
    return error === undefined
      ? answer({ status: 'ready' })
      : answer({ status: 'not_ready', reason: 'database_unreachable', error }, { status: 503 });
  });
  app.get('/health/live', () => answer({ status: 'alive' }));
  app.get('/metrics', async () => {
    const up = (await failure()) === undefined ? 1 : 0;
    const text = metrics.render({
      bundles_catalog_database_up: { help: 'Whether the database answers', value: up },
      bundles_catalog_spooled_entries: {
        help: 'Audit records that wait for the database',
        value: spool.waiting,
      },
    });
    return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
  });
}
