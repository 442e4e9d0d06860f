// Bundles src/ into dist/: few files to load, so that the command starts fast; packages stay imports.
// Built beside and then put in place, so that a command which runs meanwhile finds either build.
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './typescript.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = await mkdtemp(`${root}.dist-`);
const shared = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  legalComments: 'none',
  logLevel: 'warning',
};
const apart = [fileOfItsOwn(/\/start-serving\.js$/, './catalog-server.js')];
try {
  await Promise.all([
    build({
      ...shared,
      entryPoints: { index: 'src/index.ts', testing: 'src/testing/index.ts' },
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
    }),
    // One file: each further one costs the command about a millisecond. Lazy imports stay lazy within it.
    build({
      ...shared,
      entryPoints: { program: 'src/cli/program.ts' },
      minifyWhitespace: true,
      plugins: apart,
    }),
    build({ ...shared, entryPoints: { 'catalog-server': 'src/catalog-server/start-serving.ts' } }),
    build({ ...shared, entryPoints: { keeper: 'src/engine/keeper.ts' }, minifyWhitespace: true }),
    // The same without the other commands: a start takes longer by some 5 ms for every 100 KiB.
    build({
      ...shared,
      entryPoints: { 'main-job': 'src/cli/main-job.ts' },
      minifyWhitespace: true,
      plugins: apart,
    }),
    build({
      ...shared,
      entryPoints: { cli: 'src/cli/main.ts' },
      external: ['./program.js', './main-job.js'],
    }),
  ]);
  const { placeCatalogTemplate } = await import('./catalog-template.ts');
  await placeCatalogTemplate(outdir);
  await rm(`${root}dist`, { recursive: true, force: true, maxRetries: 3 });
  await chmod(outdir, 0o755);
  await rename(outdir, `${root}dist`);
} finally {
  await rm(outdir, { recursive: true, force: true });
}

/** What loads heavy packages stays behind its lazy import: in one file with the rest, its packages would be loaded always. */
function fileOfItsOwn(filter, path) {
  return {
    name: 'file-of-its-own',
    setup({ onResolve }) {
      onResolve({ filter }, ({ kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
    },
  };
}
