import type { Clock } from '../../async/clock.js';
import type { AuditWriter } from '../audit/audit-writer.js';
import type { CatalogDatabase } from '../database/open-database.js';
import type { Metrics } from '../metrics.js';
import type { CatalogMode } from '../serve-options.js';
import type { RequestChecker } from './request-checker.js';

/** What the routes of one catalog share. */
export interface ApiContext {
  readonly database: CatalogDatabase;
  readonly audit: AuditWriter;
  readonly checker: RequestChecker;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly mode: CatalogMode;
  /** Runs a task after the answer; the catalog waits for it when it closes. */
  later(task: () => Promise<void>): void;
}
