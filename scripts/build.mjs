// Bundles src/ into dist/: few files to load, so that the command starts fast; most packages stay imports.
// Built beside and then put in place, so that a command which runs meanwhile finds either build.
import { readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { builtinsByRequire } from './build/builtins.mjs';
import { buildCommand } from './build/command.mjs';
import { licensesOf } from './build/licenses.mjs';
import { namedExports } from './build/named-exports.mjs';
import './typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies, peerDependencies } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
/** What the installed program finds beside itself; every other package becomes a part of our files. */
const installed = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
const outdir = await mkdtemp(`${root}.dist-`);
const shared = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: installed,
  legalComments: 'none',
  logLevel: 'warning',
};
try {
  const [modules, entries] = await Promise.all([
    // Every command loads js-yaml, and sooner from our own file than from its own.
    buildCommand({ root, outdir, external: installed.filter((name) => name !== 'js-yaml') }),
    build({
      ...shared,
      // Classes are the same ones in all entries: what they share is in chunks.
      entryPoints: publicEntries(),
      splitting: true,
      plugins: [builtinsByRequire, namedExports],
      metafile: true,
      chunkNames: 'chunks/[name]-[hash]',
    }),
    build({
      ...shared,
      entryPoints: { 'build-supervisor': 'src/engine/build-supervisor.ts' },
      minifyWhitespace: true,
    }),
  ]);
  // Only what is in the files counts, and not all that was read for them.
  const inEntries = Object.values(entries.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  await mkdir(`${outdir}/licenses`);
  for (const { name, text } of await licensesOf(root, [...modules, ...inEntries]))
    await writeFile(`${outdir}/licenses/${name.replace('/', '+')}.txt`, `${text}\n`);
  const { placeCatalogTemplate } = await import('./build/catalog-template.ts');
  await placeCatalogTemplate(outdir);
  const { placeManPage } = await import('./build/man-page.ts');
  await placeManPage(outdir);
  await rm(`${root}dist`, { recursive: true, force: true, maxRetries: 3 });
  await chmod(outdir, 0o755);
  await rename(outdir, `${root}dist`);
} finally {
  await rm(outdir, { recursive: true, force: true });
}

/** The entries that package.json exports; `faults` is a part of `testing`. */
function publicEntries() {
  const names = readdirSync(`${root}src/public`).map((file) => file.replace(/\.ts$/, ''));
  return Object.fromEntries(
    names.filter((name) => name !== 'faults').map((name) => [name, `src/public/${name}.ts`]),
  );
}
