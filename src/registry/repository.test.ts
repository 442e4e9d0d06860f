import { storeContract } from '../../test/support/registry/store-contract.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { sendTo } from '../http/serve/handler-transport.js';
import { createRegistryHandler } from '../registry-server/handler.js';
import { createRegistryClient } from './client.js';

storeContract('registry store over the embedded registry', async () => {
  const root = tempDir();
  const send = sendTo(createRegistryHandler({ root: root.path }));
  const open = () =>
    createRegistryClient({ send }).repository({ registry: 'localhost:5055', repository: 'acme/hello' });
  return { store: open(), other: open(), close: async () => root[Symbol.asyncDispose]() };
});
