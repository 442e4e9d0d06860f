// A process of its own that serves the embedded registry: node --import ./scripts/typescript.mjs THIS ROOT
import { randomUUID } from 'node:crypto';
import { serve } from '../../src/http/serve.js';
import { announceRegistry } from '../../src/registry-server/announce.js';
import { createRegistryHandler } from '../../src/registry-server/handler.js';

const root = process.argv[2];
if (root === undefined) throw new Error('which directory?');
const instance = randomUUID();
const handler = createRegistryHandler({
  root,
  instance,
  log: ({ status, path, error }) => status >= 500 && console.error(status, path, error),
});
const { url, close } = await serve(handler);
const { withdraw } = await announceRegistry(root, { url, instance });
process.once('SIGTERM', async () => {
  await withdraw();
  await close();
});
console.log(url);
