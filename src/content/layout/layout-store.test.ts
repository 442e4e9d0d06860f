import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '../../../test/support/registry/store-contract.js';
import { openLayoutStore } from './layout-store.js';

storeContract('layout store', async () => {
  const root = await mkdtemp(join(tmpdir(), 'layout-'));
  const directory = join(root, 'below', 'layout');
  return {
    store: openLayoutStore(directory, { durable: false }),
    other: openLayoutStore(directory, { durable: false }),
    close: () => rm(root, { recursive: true, force: true }),
  };
});
