// Kills the embedded catalog again and again under load, on both databases, and takes PostgreSQL away for minutes; then
// everything that was acknowledged has to be there. The short form runs with the interop tests.
// Use: npm run soak:catalog [-- --kills N] [--outage SECONDS]; Linux only.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, outage: { type: 'string', default: '180' } },
});
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'interop',
    'test/interop/catalog-durability.test.ts',
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      BUNDLES_TEST_CATALOG_KILLS: values.kills,
      BUNDLES_TEST_OUTAGE_MS: String(Number(values.outage) * 1000),
    },
  },
);
process.exitCode = status ?? 1;
