// node --import ./scripts/typescript.mjs scripts/build/make-catalog-template.ts DIRECTORY FILE: makes a data directory of the
// embedded catalog and packs it into FILE. PostgreSQL writes the time and random numbers into a new data directory; here
// both are constants, so that each build gives the same bytes. No secret comes of them: the catalog has no passwords.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const crypto = require('node:crypto') as { randomFillSync: (bytes: Uint8Array) => Uint8Array };
const now = Date.UTC(2026, 0, 1);

crypto.randomFillSync = (bytes) => bytes.fill(7);
performance.now = () => 1_000;
globalThis.Date = class extends Date {
  constructor(...words: unknown[]) {
    if (words.length === 0) super(now);
    else super(...(words as [number]));
  }

  static override now(): number {
    return now;
  }
} as DateConstructor;

const [directory, file] = process.argv.slice(2);
if (directory === undefined || file === undefined) throw new Error('Name a directory and a file');
const { packDataTemplate } = await import('../../src/catalog-server/database/data-template.js');
const { openDatabase } = await import('../../src/catalog-server/database/open-database.js');
const { createPglitePool } = await import('../../src/catalog-server/database/open-pglite.js');
const { valueParsers } = await import('../../src/catalog-server/database/value-parsers.js');
const { PGlite } = await import('@electric-sql/pglite');
{
  // Not by openPglite, which would begin with the template of the last build.
  const parsers = { ...valueParsers };
  await using database = openDatabase(createPglitePool(() => PGlite.create({ dataDir: directory, parsers })));
  await database.migrate();
}
await packDataTemplate(directory, file);
