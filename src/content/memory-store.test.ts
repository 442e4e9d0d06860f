import { storeContract } from '../../test/support/registry/store-contract.js';
import { createMemoryStore } from './memory-store.js';

storeContract('memory store', async () => ({ store: createMemoryStore() }));
