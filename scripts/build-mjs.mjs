// npm run build:mjs [-- FILE]: the whole program in one file, release/bundles.mjs, which needs Node and nothing else:
// what the package has in files of its own is inside, and what it starts as a process is the same file again. The optional
// packages are looked for beside it. The same sources and packages give the same bytes, wherever they are.
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { builtinsByCall, builtinsByRequire } from './build/builtins.mjs';
import { licensesOf } from './build/licenses.mjs';
import { re2Within } from './build/re2-within.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? `${root}release/bundles.mjs`);
const { version, homepage, license, peerDependencies } = JSON.parse(
  await readFile(`${root}package.json`, 'utf8'),
);
const supervise = 'supervise-build';

/** Modules in place of those that look for files beside them. */
const replaced = {
  name: 'one-file',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^one-file-entry$/ }, () => ({ path: 'entry', namespace: 'one-file' }));
    onLoad({ filter: /^entry$/, namespace: 'one-file' }, () => ({
      contents: `if (process.argv[2] === '${supervise}') await import('./src/engine/build-supervisor.ts');
        else await (await import('./src/cli/main.ts')).main();`,
      resolveDir: root,
    }));
    onLoad({ filter: /src\/engine\/supervisor-command\.ts$/ }, () => ({
      contents: `import { fileURLToPath } from 'node:url';
        export const supervisorCommand = () => [fileURLToPath(import.meta.url), '${supervise}'];`,
    }));
    onLoad({ filter: /src\/package-files\.ts$/ }, async () => ({
      contents: `import { fileURLToPath } from 'node:url';
        const texts = ${JSON.stringify(await packageTexts())};
        export const packagePath = (path) => fileURLToPath(new URL(path, import.meta.url));
        export const readPackageFile = async (path) => texts[path];`,
    }));
  },
};

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: { bundles: 'one-file-entry' },
  outdir: 'release',
  plugins: [replaced, re2Within, builtinsByRequire, builtinsByCall],
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: Object.keys(peerDependencies),
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  write: false,
});
const head = [
  '#!/usr/bin/env node',
  `// bundles ${version}, ${license}: ${homepage}. Licences of other packages in this file are at its end.`,
  `if (!process.getBuiltinModule) { console.error('bundles needs Node.js 20.19 or newer; this is ' + process.version); process.exit(9); }`,
];
const notices = await licensesOf(root, Object.keys(metafile.inputs));
await mkdir(dirname(target), { recursive: true });
const text = `${head.join('\n')}\n${outputFiles[0].text}${comment(notices)}`;
// A single other character would have Node keep, and read, two bytes for each.
await writeFile(target, ascii(text));
await chmod(target, 0o755);

/** What the program reads of its package at run time. */
async function packageTexts() {
  const texts = {};
  for (const directory of ['schemas/json', 'schemas/openapi']) {
    for (const name of (await readdir(`${root}${directory}`)).sort()) {
      const text = await readFile(`${root}${directory}/${name}`, 'utf8');
      texts[`${directory}/${name}`] = name.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text;
    }
  }
  return texts;
}

/** Each text once, under the names of the packages that have it. */
function comment(all) {
  const byText = new Map();
  for (const { name, version: of, text } of all)
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${of}`]);
  const parts = [...byText].map(([text, names]) => `${names.join(', ')}\n\n${text}\n`);
  return `/*\n${parts.join(`\n${'-'.repeat(72)}\n\n`).replaceAll('*/', '* /')}*/\n`;
}

/** In literals, patterns and comments alike. */
function ascii(text) {
  return text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
