// A process of its own that serves the embedded registry: node --import ./scripts/typescript.mjs THIS ROOT
import { serveRegistry } from '../../src/registry-server/serve-registry.js';

const root = process.argv[2];
if (root === undefined) throw new Error('which directory?');
const { url, close } = await serveRegistry({
  root,
  log: ({ status, path, error }) => status >= 500 && console.error(status, path, error),
});
process.once('SIGTERM', close);
console.log(url);
