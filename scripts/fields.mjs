// Asks Tekton's own Go types for the fields that an object can have and writes them to src/tekton/objects/field-table.ts, and
// those that earlier versions have in another form to older-structs.ts.
// Use: npm run fields [-- --check]; --check writes nothing and fails where the committed table is not theirs. It looks at
// field-table.ts alone: earlier versions do not change, and test/interop/trusted-resources.test.ts asks one of them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const isCheck = process.argv.includes('--check');
const root = fileURLToPath(new URL('..', import.meta.url));
const olderVersions = isCheck ? [] : ['1.9', '1.13'];
const programs = ['fields', ...olderVersions.map((version) => `fields-${version}`)];
const installed = execFileSync('node', [join(root, 'scripts/install-peers.mjs'), ...programs], {
  encoding: 'utf8',
  env: { ...process.env, CI: 'true' },
  stdio: ['ignore', 'pipe', 'inherit'],
}).trim();
const [table, ...olderTables] = programs.map((program) =>
  execFileSync(join(installed, program), { encoding: 'utf8' }),
);

/** Lines of structs that are there in both and differ; what objects cannot hold is left out. */
function differing(older) {
  const known = new Map(table.split('\n').map((line) => [line.split(':')[0], line]));
  return older.split('\n').filter((line) => {
    const [name] = line.split(':');
    return line.includes(': ') && known.has(name) && known.get(name) !== line && !name.startsWith('config.');
  });
}

const files = {
  'field-table.ts': `/**
 * The fields of Tekton's Go types and of those of Kubernetes inside them, written by \`npm run fields\`: a line for each
 * kind, then one for each struct. Behind a name, ? is omitempty and ~ omitzero; before a type, * is a pointer, [] a list
 * and {} a mapping.
 */
export const fieldTable = \`
${table}\`;
`,
};
if (!isCheck) {
  const older = olderTables.map(
    (text, index) => `  '${olderVersions[index]}': \`\n${differing(text).join('\n')}\n\`,\n`,
  );
  files['older-structs.ts'] = `/**
 * The structs of \`field-table.ts\` that earlier versions of Tekton have in another form, written by \`npm run fields\` from
 * the types of 1.9.0 and 1.13.0.
 */
export const olderStructs = {
${older.join('')}} as const;
`;
}
console.log(`fields: ${table.split('\n').length - 1} lines, ${table.length} bytes`);
for (const [name, text] of Object.entries(files)) {
  const path = join(root, 'src/tekton/objects', name);
  if (!isCheck) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`fields: the committed ${name} is not what Tekton's types say; run: npm run fields`);
    process.exitCode = 1;
  }
}
