// Asks Tekton's own Go types for the fields that an object can have and writes them to src/tekton/objects/field-table.ts.
// Use: npm run fields [-- --check]; --check writes nothing and fails where the committed table is not theirs.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const path = join(root, 'src/tekton/objects/field-table.ts');
const installed = execFileSync('node', [join(root, 'scripts/install-peers.mjs'), 'fields'], {
  encoding: 'utf8',
  env: { ...process.env, CI: 'true' },
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();
const table = execFileSync(join(installed, 'fields'), { encoding: 'utf8' });
const text = `/**
 * The fields of Tekton's Go types and of those of Kubernetes inside them, written by \`npm run fields\`: a line for each
 * kind, then one for each struct. Behind a name, ? is omitempty and ~ omitzero; before a type, * is a pointer, [] a list
 * and {} a mapping.
 */
export const fieldTable = \`
${table}\`;
`;
console.log(`fields: ${table.split('\n').length - 1} lines, ${table.length} bytes`);
if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readFileSync(path, 'utf8') !== text) {
  console.error("fields: the committed table is not what Tekton's types say; run: npm run fields");
  process.exitCode = 1;
}
